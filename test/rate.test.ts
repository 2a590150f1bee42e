import { expect, test } from "vitest";
import { parseRate, renderRate } from "../src/rate.ts";

test.each([
  ["1140/5m", 1140, 300_000],
  ["200/5s", 200, 5_000],
  [" 40 / S ", 40, 1_000],
  ["900/1h", 900, 3_600_000],
  ["10/250ms", 10, 250],
  ["1/24h", 1, 86_400_000],
])("reads %s", (text, limit, windowMs) => {
  expect(parseRate(text)).toEqual({ limit, windowMs });
});

test("unlimited is more than a process can send", () => {
  const { limit, windowMs } = parseRate("Unlimited");
  expect(limit / windowMs).toBeGreaterThanOrEqual(1000);
});

test.each(["", "1140", "0/5m", "-1/5m", "1140/5", "1140/5d", "1.5/s", "4/m/s", "1140/5m!", "99999999/s", "/5m"])(
  "refuses %j",
  (text) => {
    expect(() => parseRate(text)).toThrow(
      "expected requests per window, such as 1140/5m or 200/5s, or the word unlimited",
    );
  },
);

test.each(["1/0s", "1/99ms", "1/25h"])("refuses the window of %s", (text) => {
  expect(() => parseRate(text)).toThrow("expected a window from 100ms to 24h, as in 1140/5m");
});

test.each(["1140/5m", "40/s", "90/90s", "10/250ms", "3/h", "unlimited"])("writes %s as it reads it", (text) => {
  expect(renderRate(parseRate(text))).toBe(text);
});
