import { createWorld } from "../../budget/simulated-world.ts";
import { figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";

const MINUTE = 60_000;
const WINDOW_MS = 5 * MINUTE;
const WINDOWS = 4;
/** Of 4 a second, less the 5 % that are left to people. */
const BUDGET_PER_SECOND = 3.8;
const LIMIT_PER_SECOND = 4;

/** The share of what is left that a run of several windows uses from the second window on, in virtual time: alone, and beside somebody who spends half. */
export const measureLongRuns: Measure = async function* () {
  let over = 0;
  for (const window of ["fixed", "sliding"] as const) {
    for (const processes of [1, 3]) {
      for (const [who, strangerPerSecond, strangerByChance, atLeast] of [
        ["alone", 0, false, 99],
        ["beside a stranger who spends half", 2, false, 90],
        ["beside one who does so by chance", 2, true, 90],
      ] as const) {
        const limit = { requests: 1200, windowMs: WINDOW_MS, blockMs: WINDOW_MS, window, retryAfter: true };
        const world = createWorld({ rate: "1140/5m", limit, processes, strangerPerSecond, strangerByChance });
        await world.run(WINDOW_MS);
        const from = world.clock.now();
        await world.run(WINDOWS * WINDOW_MS);
        const left = Math.min(BUDGET_PER_SECOND, LIMIT_PER_SECOND - strangerPerSecond);
        const used = (100 * world.rateSince(from)) / left;
        if (world.wentOver() !== null) over += 1;
        yield figure(`${window} window, ${processes} process(es), ${who}: used of what is left`, used, "%", {
          atLeast,
        });
      }
    }
  }
  yield figure("of these, somebody went over the limit", over, "", { atMost: 0 });
};
