import type { LimitSettings } from "../../../src/demo/request-limit.ts";
import { type FirstWindow, measure, randomWorld } from "../../budget/first-window.ts";
import { createWorld } from "../../budget/simulated-world.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { OTHER_WAYS, playOtherWay } from "../ways/in-virtual-time.ts";

const MINUTE = 60_000;
const RATE = "1140/5m";
/** Cloudflare's own. */
const LIMIT: LimitSettings = {
  requests: 1200,
  windowMs: 5 * MINUTE,
  blockMs: 5 * MINUTE,
  window: "sliding",
  retryAfter: true,
};
const SIZES = [90, 1000, 1500, 3000];
const WORLDS = 250;
const WORLDS_LONG = 1000;

/** How soon updates are done at 1,200 requests in 5 minutes, in virtual time: beside the SDK and curl in a loop, and in worlds by chance. */
export const measureFirstWindow: Measure = async function* ({ long, say }) {
  say(`${SIZES.join(", ")} updates`);
  let throttled = 0;
  for (const requests of SIZES) {
    const count = `${requests.toLocaleString("en-US")} updates`;
    for (const [name, way] of Object.entries(OTHER_WAYS)) {
      const played = await playOtherWay(way, requests, LIMIT);
      yield figure(`${count}: ${name} (${played.throttled} × 429, ${played.lost} lost)`, played.seconds, "s");
    }
    for (const processes of [1, 3]) {
      const played = await playAlone(requests, processes);
      if (played.wentOver !== null) throttled += 1;
      const goal = { atMost: allowed(played.bestSeconds) };
      yield figure(`${count}: bulkpatch, ${processes} process(es)`, played.seconds ?? Infinity, "s", goal);
    }
    yield figure(`${count}: bulkpatch --pace even`, await playEvenly(requests), "s");
  }
  yield figure("of these runs of bulkpatch, went over the limit", throttled, "", { atMost: 0 });

  const worlds = long ? WORLDS_LONG : WORLDS;
  // What is held. Beside a stranger some worlds are beyond anybody who does not know when he comes: that share is shown, too.
  for (const [name, company, inTime, asWhoKnows] of [
    ["nobody else", { kind: "alone" }, 97, 97],
    ["beside a stranger of half", { kind: "beside", strangerPerSecond: 2 }, 76, 85],
    ["beside a stranger of any kind", { kind: "beside" }, 76, 85],
    ["beside one who comes by chance", { kind: "beside", strangerByChance: true }, 75, 85],
  ] satisfies [string, Company, number, number][]) {
    say(`${worlds} worlds, ${name}`);
    yield* worldsByChance(name, company, { worlds, inTime, asWhoKnows });
  }
};

/** Who else spends in a world. */
interface Company {
  kind: "alone" | "beside";
  strangerPerSecond?: number;
  strangerByChance?: boolean;
}

async function* worldsByChance(
  name: string,
  { kind, ...stranger }: Company,
  { worlds, inTime, asWhoKnows }: { worlds: number; inTime: number; asWhoKnows: number },
): AsyncIterable<Figure> {
  const played: FirstWindow[] = [];
  for (let seed = 1; seed <= worlds; seed += 1) {
    played.push(await measure({ ...randomWorld(seed, kind), ...stranger }));
  }
  const share = (fits: (one: FirstWindow) => boolean): number => (100 * played.filter(fits).length) / worlds;
  yield figure(`1 to 5,000 updates, ${name}: within 1.1 × the best + 3 s`, share(isInTime), "%", { atLeast: inTime });
  if (kind === "beside") {
    const known = share(({ seconds, knowingSeconds }) => isWithin(seconds, knowingSeconds));
    const who = "who knows his rate, not when he comes";
    yield figure(`1 to 5,000 updates, ${name}: within 1.1 × the best of ${who} + 3 s`, known, "%", {
      atLeast: asWhoKnows,
    });
    const knowing = share(({ knowingSeconds, bestSeconds }) => isWithin(knowingSeconds, bestSeconds));
    yield figure(`1 to 5,000 updates, ${name}: ${who}: within 1.1 × the best + 3 s`, knowing, "%");
  }
  const full = played.filter(({ mostInWindow }) => mostInWindow > 1140).length;
  yield figure(`1 to 5,000 updates, ${name}: windows over the budget`, full, "", { atMost: 0 });
  // Whoever comes by chance may come more often than anybody keeps for him: it is said how often.
  for (const who of ["us", "the stranger"] as const) {
    const refused = share(({ wentOver }) => wentOver === who);
    if (kind === "alone" && who === "the stranger") continue;
    yield figure(`1 to 5,000 updates, ${name}: the first 429 is for ${who}`, refused, "%", {
      atMost: stranger.strangerByChance ? 1 : 0,
    });
  }
}

async function playAlone(requests: number, processes: number): Promise<FirstWindow> {
  const latency = { minMs: 30, maxMs: 90 };
  return await measure({ rate: RATE, limit: LIMIT, processes, requests, latency, strangerPerSecond: 0, startAtMs: 0 });
}

async function playEvenly(requests: number): Promise<number> {
  const world = createWorld({ rate: RATE, limit: LIMIT, requests, pace: "even" });
  while (world.doneAt() === null) await world.run(1000);
  return world.doneAt()! / 1000;
}

const isInTime = ({ seconds, bestSeconds }: FirstWindow): boolean => isWithin(seconds, bestSeconds);

const isWithin = (seconds: number | null, best: number): boolean => (seconds ?? Infinity) <= allowed(best);

const allowed = (best: number): number => 1.1 * best + 3;
