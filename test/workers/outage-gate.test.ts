import { expect, it } from "vitest";
import { outageDelayMs } from "../../workers/outage-delay.ts";
import { OutageGate, type Sign } from "../../workers/outage-gate.ts";

const open = new AbortController().signal;

/** A gate whose pauses end when the test says so. */
function setUp(failures = 3) {
  const pauses: number[] = [];
  const closed: number[] = [];
  let wake = (): void => {};
  const gate = new OutageGate({
    firstPauseMs: 100,
    failures,
    onClosed: (ms) => closed.push(ms),
    random: () => 1,
    sleep: (ms, signal) => {
      pauses.push(ms);
      return new Promise<void>((resolve, reject) => {
        wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    },
  });
  const settled: string[] = [];
  return {
    gate,
    pauses,
    closed,
    settled,
    wake: () => wake(),
    /** A row whose try says this. */
    row: (name: string, sign: Sign, signal = open) =>
      gate
        .pass(
          signal,
          async () => void settled.push(name),
          () => sign,
        )
        .catch(() => void settled.push(`${name} stopped`)),
  };
}

it("lets rows through while some of them are answered", async () => {
  const { row, settled, pauses, gate } = setUp();
  const signs: Sign[] = ["failed", "failed", "answered", "failed", "failed", "unknown", "answered", "failed", "failed"];
  for (const [i, sign] of signs.entries()) await row(`${i}`, sign);
  expect(settled).toHaveLength(signs.length);
  expect(pauses).toEqual([]);
  expect(gate.isClosed).toBe(false);
});

it("closes when rows fail in a row, tries one at a time after pauses that grow, and opens with the first answer", async () => {
  const { row, settled, pauses, closed, wake } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const waiting = [row("d", "failed"), row("e", "failed"), row("f", "answered"), row("g", "answered")];
  await tick();
  expect(settled).toEqual(["a", "b", "c"]);
  for (let i = 0; i < 3; i += 1) {
    wake();
    await tick();
  }
  await Promise.all(waiting);
  expect(settled).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  expect(pauses).toEqual([100, 200, 400]);
  expect(closed).toEqual([100, 200, 400]);
  await row("h", "failed");
  expect(pauses).toHaveLength(3);
});

it("never waits longer than twelve times the first pause", async () => {
  const { row, pauses, wake } = setUp(1);
  await row("first", "failed");
  for (let i = 0; i < 7; i += 1) {
    const next = row(`${i}`, "failed");
    await tick();
    wake();
    await next;
  }
  expect(pauses).toEqual([100, 200, 400, 800, 1_200, 1_200, 1_200]);
});

it("rows that were under way when it closed neither shorten nor lengthen the pauses", async () => {
  const { gate, pauses, wake, row } = setUp();
  const late = Promise.withResolvers<void>();
  const underWay = Array.from({ length: 5 }, () =>
    gate.pass(
      open,
      () => late.promise,
      (): Sign => "failed",
    ),
  );
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const probe = row("d", "failed");
  await tick();
  late.resolve();
  await Promise.all(underWay);
  wake();
  await probe;
  void row("e", "answered");
  await tick();
  expect(pauses).toEqual([100, 200]);
  wake();
});

it("a row that is stopped while it waits gives its place to the next", async () => {
  const { row, settled, pauses, wake } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const stop = new AbortController();
  const waiting = [row("d", "answered", stop.signal), row("e", "answered", stop.signal), row("f", "answered")];
  await tick();
  stop.abort(new Error("stop"));
  await tick();
  wake();
  await Promise.all(waiting);
  expect(settled.toSorted()).toEqual(["a", "b", "c", "d stopped", "e stopped", "f"]);
  expect(pauses).toEqual([100, 100]);
});

it("a row whose try throws says nothing about the API, and passes the error on", async () => {
  const { gate, row, wake, settled } = setUp();
  for (const name of ["a", "b", "c"]) await row(name, "failed");
  const broken = gate.pass(
    open,
    () => Promise.reject(new Error("broken")),
    (): Sign => "answered",
  );
  await tick();
  wake();
  await expect(broken).rejects.toThrow("broken");
  expect(gate.isClosed).toBe(true);
  const next = row("d", "answered");
  await tick();
  wake();
  await next;
  expect(settled.at(-1)).toBe("d");
});

it("a row waits 5 s after its first failure, doubling up to 5 min, half of it by chance", () => {
  const delays = (random: number): number[] =>
    Array.from({ length: 9 }, (_, i) => outageDelayMs(i + 1, { firstMs: 5_000, random: () => random }) / 1_000);
  expect(delays(1)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  expect(delays(0)).toEqual([2.5, 5, 10, 20, 40, 80, 150, 150, 150]);
});

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
