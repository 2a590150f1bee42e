import { expect, test } from "vitest";
import { countOf, formatDuration, formatShare, formatTime } from "../src/wording.ts";

test("counts with the right plural", () => {
  expect([countOf(0, "row"), countOf(1, "row"), countOf(1_912, "row"), countOf(2, "entry", "entries")]).toEqual([
    "0 rows",
    "1 row",
    "1,912 rows",
    "2 entries",
  ]);
});

test("says durations in the two largest units", () => {
  const durations = [999, 43_000, 59_600, 500_000, 3_599_900, 7_500_000, 90_061_000];
  expect(durations.map(formatDuration)).toEqual([
    "less than a second",
    "43 s",
    "1 min",
    "8 min 20 s",
    "1 h",
    "2 h 5 min",
    "25 h 1 min",
  ]);
});

test("says times in UTC", () => {
  expect(formatTime(Date.parse("2026-11-24T03:20:59Z"))).toBe("24 Nov 2026, 03:20 UTC");
  expect(formatTime(Date.parse("2026-11-04T23:59:59.999Z"), "with seconds")).toBe("4 Nov 2026, 23:59:59 UTC");
  const british = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", dateStyle: "medium" });
  for (let month = 0; month < 12; month += 1) {
    const time = Date.UTC(2026, month, 1);
    expect(formatTime(time)).toBe(`${british.format(time)}, 00:00 UTC`);
  }
});

test("never rounds a share to none or all", () => {
  const shares = [
    formatShare(0, 5),
    formatShare(5, 5),
    formatShare(1, 200_000),
    formatShare(199_999, 200_000),
    formatShare(1, 3),
    formatShare(3, 200),
    formatShare(0, 0),
  ];
  expect(shares).toEqual(["0%", "100%", "<0.1%", ">99.9%", "33%", "1.5%", "0%"]);
});
