import { expect, it } from "vitest";
import { outageDelayMs } from "../../workers/outage-delay.ts";
import { OutageGate, type Sign } from "../../workers/outage-gate.ts";

const go = new AbortController().signal;
const MINUTE = 60_000;

/** A gate whose pauses end when the test says so. */
function setUp(failures = 3) {
  const pauses: number[] = [];
  const told: string[] = [];
  let wake: (() => void) | null = null;
  const gate = new OutageGate({
    firstPauseMs: 100,
    failures,
    onClosed: (ms) => told.push(`closed for ${ms}`),
    onOpened: () => told.push("opened"),
    random: () => 1,
    sleep: (ms, signal) => {
      pauses.push(ms);
      return new Promise<void>((resolve, reject) => {
        wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    },
  });
  const tried: string[] = [];
  return {
    gate,
    pauses,
    told,
    tried,
    wake: () => wake!(),
    /** A row whose try says this; answers `sent away` where it was not tried. */
    row: async (name: string, sign: Sign, signal = go): Promise<string> => {
      const result = await gate.pass(
        signal,
        async () => tried.push(name),
        () => sign,
      );
      return result === null ? "sent away" : "tried";
    },
  };
}

it("lets rows through while some of them are answered", async () => {
  const { row, tried, pauses, told } = setUp();
  const signs: Sign[] = ["failed", "failed", "answered", "failed", "failed", "unknown", "answered", "failed", "failed"];
  for (const [i, sign] of signs.entries()) expect(await row(`${i}`, sign)).toBe("tried");
  expect(tried).toHaveLength(signs.length);
  expect(pauses).toEqual([]);
  expect(told).toEqual([]);
});

it("closes when rows fail in a row, tries one at a time after pauses that grow, and opens with the first answer", async () => {
  const { row, tried, pauses, told, wake } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  for (const [name, sign] of [
    ["d", "failed"],
    ["e", "failed"],
    ["f", "answered"],
  ] as const) {
    const probe = row(name, sign);
    expect(await row("another", "answered")).toBe("sent away");
    wake();
    expect(await probe).toBe("tried");
  }
  expect(await row("g", "answered")).toBe("tried");
  expect(tried).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  expect(pauses).toEqual([100, 200, 400]);
  expect(told).toEqual(["closed for 100", "closed for 200", "closed for 400", "opened"]);
});

it("never waits longer than twelve times the first pause", async () => {
  const { row, pauses, wake } = setUp(1);
  await row("first", "failed");
  for (let i = 0; i < 7; i += 1) {
    const next = row(`${i}`, "failed");
    wake();
    await next;
  }
  expect(pauses).toEqual([100, 200, 400, 800, 1_200, 1_200, 1_200]);
});

it("rows that were under way when it closed don't lengthen the pauses, but open it when they are answered", async () => {
  const { gate, pauses, row, told } = setUp();
  const [late, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const underWay = Array.from({ length: 5 }, () =>
    gate.pass(
      go,
      () => late.promise,
      (): Sign => "failed",
    ),
  );
  const answered = gate.pass(
    go,
    () => later.promise,
    (): Sign => "answered",
  );
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const probe = row("d", "failed");
  late.resolve();
  await Promise.all(underWay);
  later.resolve();
  await answered;
  expect(await probe).toBe("tried");
  expect(pauses).toEqual([100]);
  expect(told).toEqual(["closed for 100", "opened"]);
  expect(gate.isClosed).toBe(false);
});

it("a row that is stopped while it waits gives its place to the next", async () => {
  const { row, tried, wake } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const stop = new AbortController();
  const waiting = row("d", "answered", stop.signal);
  stop.abort(new Error("stop"));
  await expect(waiting).rejects.toThrow("stop");
  const next = row("e", "answered");
  wake();
  expect(await next).toBe("tried");
  expect(tried).toEqual(["a", "b", "c", "e"]);
});

it("a row whose try throws says nothing about the API, and passes the error on", async () => {
  const { gate, row, wake, tried } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const broken = gate.pass(
    go,
    () => Promise.reject(new Error("broken")),
    (): Sign => "answered",
  );
  wake();
  await expect(broken).rejects.toThrow("broken");
  expect(gate.isClosed).toBe(true);
  const next = row("d", "answered");
  wake();
  await next;
  expect(tried.at(-1)).toBe("d");
});

it("a row waits 5 s after its first failure, doubling up to 5 min, half of it by chance", () => {
  expect(delays(1)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  expect(delays(0)).toEqual([2.5, 5, 10, 20, 40, 80, 150, 150, 150]);
});

function delays(random: number): number[] {
  return Array.from({ length: 9 }, (_, i) => outageDelayMs(i + 1, { firstMs: 5_000, random: () => random }) / 1_000);
}

const delay = (askedMs: number | null, random: number): number =>
  outageDelayMs(1, { firstMs: 5_000, askedMs, random: () => random });

it("waits as long as the API asks for, and longer at random, but no more than about an hour", () => {
  expect([delay(null, 0), delay(1_000, 0), delay(2 * MINUTE, 0), delay(2 * MINUTE, 1)]).toEqual([
    2_500,
    2_500,
    2 * MINUTE,
    2 * MINUTE + 2_500,
  ]);
  expect(delay(86_400_000, 0)).toBe(60 * MINUTE);
});

it("once closed, stays so for as long as the last failure asked for", async () => {
  const { row, pauses, told, wake } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, { askedMs: 2 * MINUTE });
  expect(told).toEqual([`closed for ${2 * MINUTE + 50}`]);
  const probe = row("d", "failed");
  wake();
  await probe;
  const next = row("e", "answered");
  wake();
  await next;
  expect(pauses).toEqual([2 * MINUTE + 50, 200]);
});

it("that was waited out beside it lets the next row through at once, and only that one", async () => {
  const { gate, row, tried, pauses, wake } = setUp();
  await gate.rest(go); // nothing to wait for while it is open
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  expect(gate.isBusy).toBe(true);
  const rests = [gate.rest(go), gate.rest(go)];
  wake();
  await Promise.all(rests);
  expect(gate.isBusy).toBe(false);
  expect(await Promise.all([row("d", "failed"), row("e", "answered")])).toEqual(["tried", "sent away"]);
  expect(gate.isBusy).toBe(true);
  const probe = row("f", "answered");
  wake();
  expect(await probe).toBe("tried");
  expect(gate.isBusy).toBe(false);
  expect(tried).toEqual(["a", "b", "c", "d", "f"]);
  expect(pauses).toEqual([100, 200]);
});
