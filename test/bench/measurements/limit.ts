import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { type LimitedWorld, type Played, playUnderLimit } from "../under-limit.ts";
import { bulkpatchWorkers } from "../ways/bulkpatch-workers.ts";
import { curlLoop, hasCurl } from "../ways/curl-loop.ts";
import { sdkLoop } from "../ways/sdk-loop.ts";

/* Ten times as fast as life: 40 requests a second instead of 4, and a tenth of the time on the way. */

const WINDOW_MS = 5_000;
const WORLD: LimitedWorld = {
  limit: { requests: 200, windowMs: WINDOW_MS, blockMs: WINDOW_MS, window: "sliding", retryAfter: true },
  latency: { minMs: 3, maxMs: 9 },
  rows: 1_000,
};
/** Five per cent under the limit. */
const BUDGET = 190;
/** Rows fill five windows of the budget. */
const WINDOWS = 5;

/** The same rows under the same limit, by the SDK, by curl and by bulkpatch: time, 429s and rows lost, and how much of the budget bulkpatch uses. */
export const measureLimit: Measure = async function* ({ say }) {
  const [sdk, ...ours] = await Promise.all([
    playUnderLimit(WORLD, 8, sdkLoop),
    ...[1, 3].map((workers) =>
      playUnderLimit(WORLD, 8, (updates) => bulkpatchWorkers(updates, `${BUDGET}/5s`, workers)),
    ),
  ]);
  // By itself, as a thousand processes need the machine.
  const curl = hasCurl() ? await playUnderLimit(WORLD, 1, curlLoop) : null;
  if (!curl) say("there is no curl here, so its loop is left out");
  for (const [name, played] of [
    ["SDK loop, 8 at a time", sdk],
    ["curl loop", curl],
  ] as const) {
    if (played) yield figure(`${name} (${played.throttled} × 429, ${played.lost} lost)`, played.seconds, "s");
  }
  for (const [i, played] of ours.entries()) {
    const name = `bulkpatch, ${i === 0 ? "1 worker" : "3 workers"}`;
    yield figure(name, played.seconds, "s");
    yield figure(`${name}: 429s`, played.throttled, "", { atMost: 0 });
    yield figure(`${name}: rows lost`, played.lost, "", { atMost: 0 });
    yield figure(`${name}: the fullest 5 s`, played.fullest, "requests", { atMost: WORLD.limit.requests });
    yield figure(`${name}: used of the budget from the second window on`, used(played), "%", { atLeast: 99 });
  }
};

/** Of what the budget allows, from the first request of the second window to the first of the one after the last full window. */
function used({ arrivals, fullest }: Played): number {
  const ms = arrivals[WINDOWS * fullest]! - arrivals[fullest]!;
  const allowed = (BUDGET / WINDOW_MS) * ms;
  return (100 * (WINDOWS - 1) * fullest) / allowed;
}
