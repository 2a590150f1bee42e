import { startRedis } from "../start-redis.ts";
import { playRound, type RoundFigures } from "./round.ts";

/*
 * npm run chaos [seed]: at least 50 kills on Redis and 20 on the embedded backend, in rounds, with faults in a twentieth of the
 * answers; a table of figures at the end. A round that finds a difference ends it with its seed.
 */

const KILLS = { redis: 50, embedded: 20 };
const first = Number(process.argv[2] ?? Math.floor(Math.random() * 1e6));
console.log(`seed ${first}`);

async function playUntil(
  kind: keyof typeof KILLS,
  play: (seed: number) => Promise<RoundFigures>,
): Promise<RoundFigures[]> {
  const rounds: RoundFigures[] = [];
  const kills = (): number => rounds.reduce((sum, round) => sum + round.kills, 0);
  for (let seed = first; kills() < KILLS[kind]; seed += 1) {
    const figures = await play(seed);
    rounds.push(figures);
    console.log(`${kind}: ${JSON.stringify(figures)}`);
  }
  return rounds;
}

const redis = await playUntil("redis", async (seed) => {
  const server = await startRedis();
  try {
    return await playRound({
      seed,
      backendUrl: server.url,
      workers: 2,
      rows: 900,
      kills: 15,
      every: [50, 900],
      faults: 0.05,
    });
  } finally {
    await server.stop();
  }
});
const embedded = await playUntil("embedded", (seed) =>
  playRound({ seed, backendUrl: "embedded", workers: 0, rows: 600, kills: 8, every: [200, 2_500], faults: 0.05 }),
);

function summarise(kind: string, rounds: RoundFigures[]): object {
  const sum = (of: (round: RoundFigures) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    backend: kind,
    rounds: rounds.length,
    kills: sum(({ kills }) => kills),
    "before the run was running": sum(({ killsWhileQueueing }) => killsWhileQueueing),
    requests: sum(({ requests }) => requests),
    "PATCH sent again": sum(({ repeated }) => repeated),
    "fullest window": `${Math.round(Math.max(...rounds.map(({ fullestWindow }) => fullestWindow)) * 100)} %`,
    "answered 429": sum(({ throttled }) => throttled),
    seconds: Math.round(sum(({ seconds }) => seconds)),
  };
}
console.table([summarise("Redis, 2 workers", redis), summarise("embedded", embedded)]);
