import { setTimeout as sleep } from "node:timers/promises";
import type { StartedServer } from "../started-server.ts";
import { postgresPrograms, startPostgres } from "../start-postgres.ts";
import { startRedis } from "../start-redis.ts";
import type { Ordeal } from "./disturb.ts";
import { playLostRound, type LostRoundFigures } from "./lost-round.ts";
import { type OccasionsFigures, playOccasions } from "./occasions.ts";
import { emptyRedis } from "./redis-faults.ts";
import { playRound, type RoundFigures } from "./round.ts";
import type { Traffic } from "./traffic.ts";

/*
 * npm run chaos [seed]: at least 50 kills on Redis, 20 on the embedded backend, and 20 on PostgreSQL where it is installed,
 * between freezes, pauses and restarts of the server, a full Redis, steps of the clock and an answer that asks to wait for a
 * day, with faults in a twentieth of the answers; rounds in which Redis loses its data; occasions of a schedule, for which
 * processes that are killed compete; then tables of figures.
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

async function playOnServer(
  server: StartedServer,
  crash: NodeJS.Signals,
  seed: number,
  ordeals: readonly Ordeal[],
): Promise<RoundFigures> {
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
      ordeals,
    });
  } finally {
    await server.stop();
  }
}

const redis = await playUntil("redis", async (seed) =>
  playOnServer(await startRedis(), "SIGKILL", seed, ["full", "clock", "day"]),
);
const postgres =
  postgresPrograms() === null
    ? []
    : await playUntil("postgres", async (seed) =>
        playOnServer(await startPostgres(), "SIGQUIT", seed, ["clock", "day"]),
      );
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
    ordeals: ["clock", "day"],
  }),
);

/** Emptied in mid-run, and started again empty. */
async function playLost(seed: number, how: "emptied" | "started-empty"): Promise<LostRoundFigures> {
  const server = await startRedis(["--appendonly", "no"]);
  try {
    const lose = async (): Promise<void> => {
      if (how === "emptied") return await emptyRedis(server.url);
      await server.kill("SIGKILL");
      await server.start();
    };
    const figures = await playLostRound({ seed, backendUrl: server.url, workers: 2, rows: 2_000, faults: 0.05, lose });
    console.log(`redis, ${how}: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await server.stop();
  }
}
const lost: LostRoundFigures[] = [];
for (const seed of [first, first + 1])
  for (const how of ["emptied", "started-empty"] as const) lost.push(await playLost(seed, how));

async function playOccasionsOn(server: StartedServer | null, crash: NodeJS.Signals): Promise<OccasionsFigures> {
  try {
    const figures = await playOccasions({
      seed: first,
      backendUrl: server?.url ?? "embedded",
      occasions: 20,
      kills: 4,
      restartBackend: server
        ? async () => {
            await server.kill(crash);
            await server.start();
          }
        : undefined,
    });
    console.log(`occasions: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await server?.stop();
  }
}
const occasions: Record<string, OccasionsFigures> = {
  "Redis, 2 workers and run-due": await playOccasionsOn(await startRedis(), "SIGKILL"),
  ...(postgresPrograms() !== null && {
    "PostgreSQL, 2 workers and run-due": await playOccasionsOn(await startPostgres(), "SIGQUIT"),
  }),
  "embedded, 3 times run-due": await playOccasionsOn(null, "SIGKILL"),
};

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
    "times without memory": sum(({ ordeals }) => ordeals.full),
    "steps of the clock by an hour": sum(({ ordeals }) => ordeals.clock),
    "told to wait for a day": sum(({ ordeals }) => ordeals.day),
    ...traffic(rounds),
    seconds: Math.round(sum(({ seconds }) => seconds)),
  };
}

function traffic(rounds: Traffic[]): object {
  const sum = (of: (round: Traffic) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    requests: sum(({ requests }) => requests),
    "PATCH sent again": sum(({ repeated }) => repeated),
    "fullest window": `${Math.round(Math.max(...rounds.map(({ fullestWindow }) => fullestWindow)) * 100)} %`,
    "answered 429": sum(({ throttled }) => throttled),
  };
}

const table = [
  summarise("Redis, 2 workers", redis),
  ...(postgres.length > 0 ? [summarise("PostgreSQL, 2 workers", postgres)] : []),
  summarise("embedded", embedded),
  {
    backend: "Redis that lost its data, 2 workers",
    rounds: lost.length,
    ...traffic(lost),
    seconds: Math.round(lost.reduce((total, round) => total + round.seconds, 0)),
  },
];
for (const figures of table) console.table(figures);
for (const [backend, { kills, killsWhileClaimed, restarts, seconds, occasions: played, ...sent }] of Object.entries(
  occasions,
))
  console.table({
    backend,
    occasions: played,
    "kill -9": kills,
    "of these while it was claimed": killsWhileClaimed,
    "restarts of the server": restarts,
    ...traffic([sent]),
    seconds: Math.round(seconds),
  });
