import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { type LimitedWorld, playUnderLimit } from "../under-limit.ts";
import { bulkpatchWorkers } from "../ways/bulkpatch-workers.ts";
import { sdkLoop } from "../ways/sdk-loop.ts";

const WINDOW_MS = 300_000;
const WORLD: LimitedWorld = {
  limit: { requests: 1_200, windowMs: WINDOW_MS, blockMs: WINDOW_MS, window: "sliding", retryAfter: true },
  latency: { minMs: 30, maxMs: 90 },
  rows: 1_000,
};

/** 1,000 updates at Cloudflare's own limit in real time: the SDK four at a time, and bulkpatch, side by side. */
export const measureRealShape: Measure = async function* () {
  const [sdk, ...ours] = await Promise.all([
    playUnderLimit(WORLD, 4, sdkLoop),
    ...[1, 3].map((workers) => playUnderLimit(WORLD, 8, (updates) => bulkpatchWorkers(updates, "1140/5m", workers))),
  ]);
  yield figure("SDK loop, 4 at a time", sdk.seconds, "s");
  for (const [i, played] of ours.entries()) {
    const name = `bulkpatch, ${i === 0 ? "1 worker" : "3 workers"}`;
    yield figure(name, played.seconds, "s", { atMost: 1.5 * sdk.seconds + 5 });
    yield figure(`${name}: 429s and rows lost`, played.throttled + played.lost, "", { atMost: 0 });
  }
};
