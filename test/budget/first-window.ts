import { seededRandom } from "../../src/demo/random.ts";
import { createWorld, type Spender, type WorldOptions } from "./simulated-world.ts";

/*
 * A job of some size beside somebody or nobody, against a server that counts strictly, in virtual time: how long it takes,
 * and whether anybody ever goes over the limit.
 */

const MINUTE = 60_000;
const WINDOW_S = 300;
const LIMIT = 1140;
const CAP_PER_SECOND = 100;
/** Kept for urgent requests (ledger.ts). */
const KEPT = 22;

export interface FirstWindow {
  seed: number;
  options: WorldOptions & { requests: number; strangerPerSecond: number; startAtMs: number };
  /** Null: not done within the time that nobody needs. */
  seconds: number | null;
  /** Of the best schedule of somebody who knows what the stranger will do. */
  bestSeconds: number;
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
  const best = bestSeconds(options);
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
    wentOver: world.wentOver(),
    mostInWindow: world.mostInWindow(),
  };
}

function bestSeconds(options: FirstWindow["options"]): number {
  const { requests, strangerPerSecond, latency, concurrency = 8, processes = 1, headerShare } = options;
  const { minMs, maxMs } = latency!;
  // A call to the backend and a timer that is late belong to the world.
  const overheadMs = (options.backendMs ?? 1) + 25 + (options.timerLateMs ?? 1) / 2;
  const canSend = (concurrency * processes * 1000) / ((minMs + maxMs) / 2 + overheadMs);
  const perSecond = headerShare === 0 ? LIMIT / WINDOW_S : Math.min(CAP_PER_SECOND, canSend);
  const inWindow = LIMIT - KEPT - strangerPerSecond * WINDOW_S;
  const windows = Math.floor((requests - 1) / inWindow);
  return windows * WINDOW_S + ((requests - 1) % inWindow) / perSecond + maxMs / 1000;
}
