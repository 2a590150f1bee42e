import { setTimeout as sleep } from "node:timers/promises";
import type { StartedServer } from "../started-server.ts";
import { postgresPrograms, startPostgres } from "../start-postgres.ts";
import { startRedis } from "../start-redis.ts";
import { playRound, type RoundFigures } from "./round.ts";

/*
 * npm run chaos [seed]: at least 50 kills on Redis, 20 on the embedded backend, and 20 on PostgreSQL where it is installed,
 * between freezes, pauses and restarts of the server, with faults in a twentieth of the answers; then tables of figures.
 * A round that finds a difference ends it with its seed.
 */

const KILLS = { redis: 50, postgres: 20, embedded: 20 };
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

/** Every other round begins with a canary. */
const canaryOf = (seed: number): number => (seed % 2 === 0 ? 0 : 20);

async function playOnServer(server: StartedServer, crash: NodeJS.Signals, seed: number): Promise<RoundFigures> {
  try {
    return await playRound({
      seed,
      backendUrl: server.url,
      workers: 2,
      rows: 2_000,
      kills: 15,
      every: [50, 900],
      canary: canaryOf(seed),
      faults: 0.05,
      // now and then for longer than a row's lock
      freezeMs: [200, 20_000],
      restartBackend: async (awayMs) => {
        await server.kill(crash);
        await sleep(awayMs);
        await server.start();
      },
    });
  } finally {
    await server.stop();
  }
}

const redis = await playUntil("redis", async (seed) => playOnServer(await startRedis(), "SIGKILL", seed));
const postgres =
  postgresPrograms() === null
    ? []
    : await playUntil("postgres", async (seed) => playOnServer(await startPostgres(), "SIGQUIT", seed));
const embedded = await playUntil("embedded", (seed) =>
  playRound({
    seed,
    backendUrl: "embedded",
    workers: 0,
    rows: 1_000,
    kills: 8,
    every: [200, 2_500],
    canary: canaryOf(seed),
    faults: 0.05,
    freezeMs: [200, 3_000],
  }),
);

function summarise(kind: string, rounds: RoundFigures[]): object {
  const sum = (of: (round: RoundFigures) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    backend: kind,
    rounds: rounds.length,
    "kill -9": sum(({ kills }) => kills),
    "of these before the run was running": sum(({ killsWhileQueueing }) => killsWhileQueueing),
    freezes: sum(({ freezes }) => freezes),
    pauses: sum(({ pauses }) => pauses),
    "restarts of the server": sum(({ restarts }) => restarts),
    requests: sum(({ requests }) => requests),
    "PATCH sent again": sum(({ repeated }) => repeated),
    "fullest window": `${Math.round(Math.max(...rounds.map(({ fullestWindow }) => fullestWindow)) * 100)} %`,
    "answered 429": sum(({ throttled }) => throttled),
    seconds: Math.round(sum(({ seconds }) => seconds)),
  };
}
const table = [
  summarise("Redis, 2 workers", redis),
  ...(postgres.length > 0 ? [summarise("PostgreSQL, 2 workers", postgres)] : []),
  summarise("embedded", embedded),
];
for (const figures of table) console.table(figures);
