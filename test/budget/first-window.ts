import { seededRandom } from "../../src/demo/random.ts";
import { bestDoneAt } from "./best-schedule.ts";
import { createStrangerTimes, createWays, createWorld, type Spender, type WorldOptions } from "./simulated-world.ts";

/*
 * A job of some size beside somebody or nobody, against a server that counts strictly, in virtual time: how long it takes,
 * and whether anybody ever goes over the limit.
 */

const MINUTE = 60_000;
const LIMIT = 1140;
const CAP_PER_SECOND = 100;
/** More than so many deviations above the mean is one case of a thousand. */
const RARE_DEVIATIONS = 3.09;
/** Kept for urgent requests (ledger.ts). */
const KEPT = 22;

export interface FirstWindow {
  seed: number;
  options: WorldOptions & { requests: number; strangerPerSecond: number; startAtMs: number };
  /** Null: not done within the time that nobody needs. */
  seconds: number | null;
  /** Of the best schedule of somebody who knows what the stranger will do (best-schedule.ts). */
  bestSeconds: number;
  /**
   * Of somebody who knows how often the stranger comes, though not when, and what kind of window it is. Where one comes `n` times on
   * average in what is left of a window, more than n + 3.09 √n come in one case of a thousand (of a window that slides, where as many
   * leave it by chance: 3.09 √2n). Whoever leaves less than that is the cause of a 429 more often than may be, however he came by
   * his estimate: so without foreknowledge nobody who goes by how many came is faster. What lies between this and the best can only be
   * had by guessing that one who came evenly so far goes on like that (unevenness.ts), and that takes time to see.
   */
  knowingSeconds: number;
  wentOver: Spender | null;
  mostInWindow: number;
}

/** A world by chance. `kind`: nobody else, or a stranger of whom the headers can tell. */
export function randomWorld(seed: number, kind: "alone" | "beside"): FirstWindow["options"] {
  const random = seededRandom(seed);
  const isSlow = random.chance(0.15);
  return {
    rate: `${LIMIT}/5m`,
    limit: {
      requests: 1200,
      windowMs: 5 * MINUTE,
      blockMs: 5 * MINUTE,
      window: random.pick(["fixed", "sliding"] as const),
      retryAfter: random.chance(0.7),
    },
    processes: random.int(1, 3),
    requests: Math.ceil(Math.exp(random.next() * Math.log(5000))),
    startAtMs: random.int(0, 10 * MINUTE),
    strangerPerSecond: kind === "alone" ? 0 : random.pick([0.2, 1, 2, 3]),
    headerShare: kind === "alone" ? random.pick([1, 1, 0.3, 0]) : random.pick([1, 1, 0.3]),
    latency: isSlow ? { minMs: 200, maxMs: 2000 } : { minMs: 30, maxMs: 90 },
    concurrency: random.pick([4, 8, 16]),
    backendMs: random.pick([1, 1, 60]),
    timerLateMs: random.pick([1, 1, 500]),
    seed,
  };
}

export async function measure(options: FirstWindow["options"]): Promise<FirstWindow> {
  const world = createWorld(options);
  const best = secondsOf(options);
  const giveUpAt = options.startAtMs + (best * 3 + 600) * 1000;
  while (world.doneAt() === null && world.clock.now() < giveUpAt && world.wentOver() === null) await world.run(5000);
  const doneAt = world.doneAt();
  // Who came after us must not go over it either.
  await world.run(5 * MINUTE);
  return {
    seed: options.seed ?? 1,
    options,
    seconds: doneAt === null ? null : (doneAt - options.startAtMs) / 1000,
    bestSeconds: best,
    knowingSeconds: options.strangerPerSecond === 0 ? best : secondsOf(options, RARE_DEVIATIONS),
    wentOver: world.wentOver(),
    mostInWindow: world.mostInWindow(),
  };
}

/** `deviations`: of how many of the stranger's requests come by chance, that are left for him; 0: what he will take is known. */
function secondsOf(options: FirstWindow["options"], deviations = 0): number {
  const { requests, startAtMs, limit, concurrency = 8, processes = 1, headerShare, strangerPerSecond } = options;
  const variance = (limit.window === "sliding" ? 2 : 1) * (strangerPerSecond / 1000);
  const nextWay = createWays(options);
  const doneAt = bestDoneAt({
    requests,
    startAt: startAtMs,
    // Where no answer says what is left, the pace is even.
    everyMs: headerShare === 0 ? (5 * MINUTE) / LIMIT : 1000 / CAP_PER_SECOND,
    atOnce: concurrency * processes,
    nextFlightMs() {
      const { thereMs, backMs } = nextWay();
      return thereMs + backMs;
    },
    ours: { limit: LIMIT - KEPT, windowMs: 5 * MINUTE },
    server: limit,
    nextOfStranger: createStrangerTimes(options),
    kept: (ms) => deviations * Math.sqrt(variance * ms),
  });
  return (doneAt - startAtMs) / 1000;
}
