import { Client } from "pg";
import { seededRandom } from "../../../src/demo/random.ts";
import { playStrictRun, type StrictVerdict } from "../../e2e/strict-run.ts";
import { postgresPrograms, startPostgres } from "../../start-postgres.ts";
import { hasRedisServer, startRedis } from "../../start-redis.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";

const RUNS = 12;
const RUNS_LONG = 100;
const MOST_ROWS = 500;

/** Runs of random size with one to three real processes on each backend, against a server that counts each arrival in a sliding window. */
export const measureStrict: Measure = async function* ({ long, say }) {
  const runs = long ? RUNS_LONG : RUNS;
  const redis = hasRedisServer() ? await startRedis() : null;
  const postgres = postgresPrograms() === null ? null : await startPostgres();
  try {
    const kinds = (["embedded", "redis", "postgres"] as const).filter(
      (kind) => kind === "embedded" || (kind === "redis" ? redis : postgres) !== null,
    );
    const played = new Map(kinds.map((kind) => [kind, [] as StrictVerdict[]]));
    for (let n = 0; n < runs; n += 1) {
      const random = seededRandom(n + 1);
      const kind = kinds[n % kinds.length]!;
      const rows = Math.ceil(Math.exp(random.next() * Math.log(MOST_ROWS)));
      const processes = random.int(1, 3);
      say(`run ${n + 1} of ${runs}: ${rows} rows on ${kind}, ${processes} process(es)`);
      const settings: Record<string, string> =
        kind === "redis"
          ? { BULKPATCH_BACKEND_URL: `${redis!.url}/${n}` }
          : kind === "postgres"
            ? { BULKPATCH_BACKEND_URL: await newDatabase(postgres!.url, `run_${n}`) }
            : {};
      const verdict = await playStrictRun({ settings, rows, processes, latencyMs: random.pick([10, 60, 200]) });
      if (verdict.throttled + verdict.lost > 0) say(JSON.stringify(verdict));
      played.get(kind)!.push(verdict);
    }
    for (const [kind, verdicts] of played) {
      const sum = (field: keyof StrictVerdict): number => verdicts.reduce((total, one) => total + one[field], 0);
      const name = `${verdicts.length} runs on ${kind}, ${sum("requests").toLocaleString("en-US")} requests`;
      yield figure(`${name}: 429s`, sum("throttled"), "", { atMost: 0 });
      yield figure(`${name}: rows lost`, sum("lost"), "", { atMost: 0 });
      yield figure(`${name}: the fullest window`, Math.max(...verdicts.map(({ fullest }) => fullest)), "requests", {
        atMost: 114,
      });
    }
  } finally {
    await redis?.stop();
    await postgres?.stop();
  }
};

async function newDatabase(url: string, name: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return url.replace(/\/postgres$/, `/${name}`);
}
