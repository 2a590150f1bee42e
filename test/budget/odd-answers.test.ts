import { expect, test } from "vitest";
import { createBudget, type Permit } from "../../src/budget/budget.ts";
import { createPolicies } from "../../src/budget/policies.ts";
import { createMemoryBudgetState } from "./memory-budget.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function setUp() {
  const clock = createVirtualClock();
  let stepMs = 1e9;
  const mended: number[] = [];
  const budget = createBudget({
    state: createMemoryBudgetState(() => clock.now() + stepMs),
    key: "token",
    limit: 1140,
    windowMs: 5 * MINUTE,
    now: clock.now,
    sleep: clock.sleep,
    onMended: (backMs) => mended.push(backMs),
  });
  /** What becomes of one permit that is asked for now. */
  const ask = (): { at: number | null } => {
    const asked: { at: number | null } = { at: null };
    void budget.take().then(() => (asked.at = clock.now()));
    return asked;
  };
  const answer = (permit: Permit, limit: string, policy = '"default";q=1200;w=300'): void => {
    budget.settle(permit);
    budget.observe({ ratelimit: limit, "ratelimit-policy": policy }, permit);
  };
  const stepBack = (ms: number): void => void (stepMs -= ms);
  return { clock, budget, ask, answer, mended, stepBack };
}

async function takeOne({ budget, clock }: ReturnType<typeof setUp>): Promise<Permit> {
  const taken = budget.take();
  await clock.runUntil(clock.now() + 30 * SECOND);
  return await taken;
}

test.each([
  ['"default";r=0;t=100000', '"default";q=1200;w=300'],
  ['"default";r=0;t=999999999999', '"default";q=1200;w=999999999999'],
  ['"default";r=0;t=100000', undefined],
])("an answer that says %s does not close the budget for longer than a window", async (limit, policy) => {
  const world = setUp();
  world.answer(await takeOne(world), limit, policy ?? "");
  const next = world.ask();
  await world.clock.runUntil(6 * MINUTE);
  expect(next.at).not.toBeNull();
});

test("one answer with an odd policy slows nobody; from the second on it is believed", () => {
  const policies = createPolicies({ limit: 1140, windowMs: 5 * MINUTE });
  const say = (quota: number): void => {
    policies.hear([{ name: "default", remaining: 50, resetSeconds: 300, quota, windowSeconds: 300 }]);
  };
  say(1);
  say(60);
  expect(policies.rules()).toEqual([1140, 5 * MINUTE]);
  say(60);
  expect(policies.rules()).toEqual([1140, 5 * MINUTE, 57, 5 * MINUTE]);
  expect(policies.evenMs()).toBeCloseTo((5 * MINUTE) / 57);
});

test("a 429 is believed for an hour at the most, however long it says; then one request looks again", async () => {
  const world = setUp();
  await takeOne(world);
  const throttled = world.budget.throttled(86_400 * SECOND);
  await world.clock.runUntil(35 * SECOND);
  await throttled;
  expect(await world.budget.look()).toMatchObject({ reason: "throttled", closedForMs: expect.closeTo(HOUR, -4) });
  const waiting = [world.ask(), world.ask(), world.ask()];
  await world.clock.runUntil(59 * MINUTE);
  expect(waiting.map(({ at }) => at)).toEqual([null, null, null]);
  // Asked once a minute whether it is over.
  await world.clock.runUntil(HOUR + 5 * MINUTE);
  const [first, second] = waiting.map(({ at }) => at!).toSorted((a, b) => a - b);
  expect(first).toBeGreaterThan(HOUR);
  expect(second! - first!).toBeGreaterThanOrEqual(SECOND);
});

test("a clock that steps back by a day keeps nobody waiting, is told, and frees nothing too early", async () => {
  const world = setUp();
  for (let i = 0; i < 3; i++) world.budget.settle(await takeOne(world));
  await world.clock.runUntil(world.clock.now() + SECOND);
  world.stepBack(24 * HOUR);
  const next = world.ask();
  await world.clock.runUntil(world.clock.now() + 2 * SECOND);
  expect(next.at).not.toBeNull();
  expect(world.mended).toEqual([expect.closeTo(24 * HOUR, -5)]);
  expect((await world.budget.look()).used).toBe(4);
});

test("a clock that steps forward by a day is told, and frees nothing too early", async () => {
  const world = setUp();
  for (let i = 0; i < 3; i++) world.budget.settle(await takeOne(world));
  await world.clock.runUntil(world.clock.now() + SECOND);
  world.stepBack(-24 * HOUR);
  await takeOne(world);
  expect(world.mended).toEqual([expect.closeTo(-24 * HOUR, -5)]);
  expect((await world.budget.look()).used).toBe(4);
  await world.clock.runUntil(world.clock.now() + 6 * MINUTE);
  expect((await world.budget.look()).used).toBe(0);
});

test("a clock that steps back while the budget is closed leaves it closed for as long as was left", async () => {
  const world = setUp();
  await takeOne(world);
  void world.budget.throttled(4 * MINUTE);
  const next = world.ask();
  await world.clock.runUntil(MINUTE);
  world.stepBack(HOUR);
  await world.clock.runUntil(4 * MINUTE);
  expect(next.at).toBeNull();
  // It was seen a minute before at the latest.
  await world.clock.runUntil(6 * MINUTE);
  expect(next.at).not.toBeNull();
});
