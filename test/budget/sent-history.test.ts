import { expect, test } from "vitest";
import { createSentHistory } from "../../src/budget/sent-history.ts";

test("tells how many were sent by when, also between two points", () => {
  const history = createSentHistory();
  history.add({ sentAt: 0, number: 10 }, 1000);
  history.add({ sentAt: 100, number: 20 }, 1000);
  expect([-1, 0, 50, 100, 200].map((time) => history.numberAt(time))).toEqual([null, 10, 15, 20, 20]);
});

test("remembers a whole window, and little more", () => {
  const history = createSentHistory();
  for (let at = 0; at <= 10_000; at += 5) history.add({ sentAt: at, number: at / 5 }, 1000);
  expect(history.numberAt(9000)).toBe(1800);
  expect(history.numberAt(10_000)).toBe(2000);
  expect(history.numberAt(8900)).toBeNull();
});

test("knows nothing when it was cleared", () => {
  const history = createSentHistory();
  history.add({ sentAt: 0, number: 1 }, 1000);
  history.clear();
  expect(history.numberAt(0)).toBeNull();
});
