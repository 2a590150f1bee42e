import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../../src/backends/open.ts";
import { postgresPrograms } from "../../start-postgres.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { type LimitedWorld, playUnderLimit } from "../under-limit.ts";
import { bulkpatchRun } from "../ways/bulkpatch-run.ts";
import { bulkpatchWorkers } from "../ways/bulkpatch-workers.ts";
import { sdkLoop } from "../ways/sdk-loop.ts";
import type { Updates } from "../ways/updates.ts";

const WINDOW_MS = 300_000;
const WORLD: LimitedWorld = {
  limit: { requests: 1_200, windowMs: WINDOW_MS, blockMs: WINDOW_MS, window: "sliding", retryAfter: true },
  latency: { minMs: 30, maxMs: 90 },
  rows: 1_000,
};
const RATE = "1140/5m";
const WAYS = [
  ["redis", 1],
  ["redis", 3],
  ["postgres", 1],
  ["postgres", 3],
  ["embedded", 1],
] as const;

/** 1,000 updates at Cloudflare's own limit in real time: the SDK four at a time, and bulkpatch on each backend. */
export const measureRealShape: Measure = async function* ({ say }) {
  const sdk = await playUnderLimit(WORLD, 4, sdkLoop);
  yield figure("SDK loop, 4 at a time", sdk.seconds, "s");
  for (const [kind, workers] of WAYS) {
    if (kind === "postgres" && postgresPrograms() === null) continue;
    const name = `bulkpatch on ${kind}, ${workers === 1 ? "1 worker" : `${workers} workers`}`;
    say(name);
    const played = await playUnderLimit(WORLD, 8, (updates) =>
      kind === "embedded" ? runEmbedded(updates) : bulkpatchWorkers(updates, RATE, workers, kind),
    );
    yield figure(name, played.seconds, "s", { atMost: 1.5 * sdk.seconds + 5 });
    yield figure(`${name}: 429s and rows lost`, played.throttled + played.lost, "", { atMost: 0 });
  }
};

async function runEmbedded(updates: Updates): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "bulkpatch-embedded-"));
  const backend = await openBackend({ url: null, dataDir });
  await bulkpatchRun(backend, updates, RATE);
  await backend.close();
}
