import { expect, test } from "vitest";
import { bestDoneAt, type Foreseen } from "./best-schedule.ts";
import { seededRandom } from "../../src/demo/random.ts";

const WINDOW_MS = 20;

/** Tries every whole moment, one after the other, and counts every window anew. */
function tryEveryMoment({ requests, startAt, ours, server }: Foreseen, theirs: readonly number[]): number {
  const sent: number[] = [];
  for (let at = startAt; sent.length < requests; at++) if (fits([...sent, at])) sent.push(at);
  return sent.at(-1)!;

  function fits(tried: readonly number[]): boolean {
    const all = [...tried, ...theirs].toSorted((a, b) => a - b);
    return isWithin(tried, ours.limit, "sliding") && isWithin(all, server.requests, server.window, tried);
  }
}

/** Whether no window holds more; of those only that hold any of `tried`. */
function isWithin(all: readonly number[], limit: number, window: "fixed" | "sliding", tried = all): boolean {
  return all.every((first, i) => {
    const after = all[i + limit];
    if (after === undefined) return true;
    const isOne =
      window === "sliding"
        ? after - first < WINDOW_MS
        : Math.floor(first / WINDOW_MS) === Math.floor(after / WINDOW_MS);
    return !isOne || !tried.some((at) => isInWindow(at, first, after, window));
  });
}

function isInWindow(at: number, first: number, after: number, window: "fixed" | "sliding"): boolean {
  return window === "sliding"
    ? at >= first && at <= after
    : Math.floor(at / WINDOW_MS) === Math.floor(first / WINDOW_MS);
}

test.each(["fixed", "sliding"] as const)("is as soon as any schedule that goes over no %s window", (window) => {
  const random = seededRandom(7);
  for (let world = 0; world < 150; world++) {
    const theirs: number[] = [];
    for (let at = random.int(0, 19); at < 900; at += random.int(6, 30)) theirs.push(at);
    let next = 0;
    const foreseen: Foreseen = {
      requests: random.int(1, 12),
      startAt: random.int(0, 40),
      everyMs: 1,
      atOnce: 50,
      nextFlightMs: () => 0,
      ours: { limit: random.int(2, 6), windowMs: WINDOW_MS },
      server: { requests: random.int(5, 8), windowMs: WINDOW_MS, window },
      nextOfStranger: () => theirs[next++] ?? Number.POSITIVE_INFINITY,
    };
    expect(Math.ceil(bestDoneAt(foreseen) - 0.01), `world ${world}`).toBe(tryEveryMoment(foreseen, theirs));
  }
});

test("waits for a free hand", () => {
  const foreseen: Foreseen = {
    requests: 6,
    startAt: 0,
    everyMs: 1,
    atOnce: 2,
    nextFlightMs: () => 10,
    ours: { limit: 100, windowMs: 1000 },
    server: { requests: 100, windowMs: 1000, window: "sliding" },
    nextOfStranger: () => Number.POSITIVE_INFINITY,
  };
  expect(bestDoneAt(foreseen)).toBe(31);
});
