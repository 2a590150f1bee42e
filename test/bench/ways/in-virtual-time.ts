import { createRequestLimit, type LimitSettings } from "../../../src/demo/request-limit.ts";
import { seededRandom } from "../../../src/demo/random.ts";
import { createVirtualClock } from "../../budget/virtual-clock.ts";

/*
 * What people do without a budget, in virtual time: the official SDK in a loop, four at a time, which tries a 429 again twice
 * after `retry-after`; and curl in a loop, which tries nothing again.
 */

export interface OtherWay {
  atATime: number;
  retries: number;
}

export const OTHER_WAYS = {
  "SDK loop": { atATime: 4, retries: 2 },
  "curl loop": { atATime: 1, retries: 0 },
} as const satisfies Record<string, OtherWay>;

/** Seconds until all are done or given up, answers with 429, and rows that were lost. */
export async function playOtherWay(
  way: OtherWay,
  requests: number,
  limitSettings: LimitSettings,
): Promise<{ seconds: number; throttled: number; lost: number }> {
  const clock = createVirtualClock();
  const random = seededRandom(1);
  const limit = createRequestLimit(limitSettings, 0);
  let left = requests;
  let throttled = 0;
  let lost = 0;
  const doneAt: number[] = [];
  const pass = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  async function sendOne(triesLeft: number): Promise<boolean> {
    await pass(15 + random.next() * 30);
    const { allowed, resetMs } = limit.arrive(clock.now());
    await pass(15 + random.next() * 30);
    if (allowed) return true;
    throttled++;
    if (triesLeft === 0) return false;
    await pass(resetMs);
    return await sendOne(triesLeft - 1);
  }

  async function loop(): Promise<void> {
    while (left-- > 0) {
      if (!(await sendOne(way.retries))) lost++;
      doneAt.push(clock.now());
    }
  }
  for (let i = 0; i < way.atATime; i++) void loop();
  while (doneAt.length < requests) await clock.runUntil(clock.now() + 60_000);
  return { seconds: doneAt.at(-1)! / 1000, throttled, lost };
}
