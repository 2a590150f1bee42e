import { expect, test } from "vitest";
import { cronTimes, localTime } from "../../src/schedules/cron-times.ts";

const at = (iso: string): number => Date.parse(iso);
const iso = (times: number[]): string[] => times.map((time) => new Date(time).toISOString().slice(0, 16));

test("says the next times in the zone, over both changes of the clocks", () => {
  const { next } = cronTimes("30 2 * * *", "Europe/Berlin");
  expect(iso(next(at("2026-03-27T12:00:00Z"), 3))).toEqual([
    "2026-03-28T01:30",
    "2026-03-29T01:00",
    "2026-03-30T00:30",
  ]);
  expect(iso(next(at("2026-10-24T12:00:00Z"), 2))).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
  expect(localTime(at("2026-03-29T01:00:00Z"), "Europe/Berlin")).toBe("Sun 29 Mar 2026, 03:00");
});

test("an hour that comes twice is due twice where the pattern names every hour", () => {
  const { between } = cronTimes("0 * * * *", "Europe/Berlin");
  expect(between(at("2026-10-24T23:30:00Z"), at("2026-10-25T02:30:00Z")).times).toHaveLength(3);
});

test("gives what was due since, the newest of very many, and says that there were more", () => {
  const { between } = cronTimes("* * * * *", "UTC");
  const from = at("2026-01-01T00:00:00Z");
  expect(between(from, from)).toEqual({ times: [], earlier: false });
  expect(iso(between(from, from + 120_000).times)).toEqual(["2026-01-01T00:01", "2026-01-01T00:02"]);
  const many = between(from, at("2026-01-03T00:00:30Z"), 3);
  expect({ ...many, times: iso(many.times) }).toEqual({
    times: ["2026-01-02T23:58", "2026-01-02T23:59", "2026-01-03T00:00"],
    earlier: true,
  });
});

test.each([
  ["0 0 3 * * *", "UTC", "bad_cron", /expected five fields .*, found "0 0 3 \* \* \*"/],
  ["61 * * * *", "UTC", "bad_cron", /Invalid value for minute: 61/],
  ["@daily", "UTC", "bad_cron", /five fields/],
  ["0 0 30 2 *", "UTC", "cron_never", /never comes/],
  ["0 3 * * *", "Mars/Olympus", "bad_time_zone", /expected the name of a time zone, found "Mars\/Olympus"/],
])("refuses %j in %s", (pattern, zone, code, message) => {
  expect(() => cronTimes(pattern, zone)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});
