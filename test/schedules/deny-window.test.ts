import { describe, expect, test } from "vitest";
import { parseDenyWindow } from "../../src/schedules/deny-window.ts";

const ZONE = "Europe/Berlin";
const covers = (text: string, local: string): boolean =>
  parseDenyWindow(text).covers(Date.parse(`${local}+01:00`), ZONE);

describe("a window in which nothing begins", () => {
  test.each([
    ["mon-fri 08:00-18:00", "2026-11-25T08:00", true],
    ["mon-fri 08:00-18:00", "2026-11-25T18:00", false],
    ["mon-fri 08:00-18:00", "2026-11-28T12:00", false],
    ["sat,sun", "2026-11-29T23:59", true],
    ["fri-mon", "2026-11-30T10:00", true],
    ["fri-mon", "2026-12-01T10:00", false],
    ["22:00-04:00", "2026-11-25T23:00", true],
    ["22:00-04:00", "2026-11-25T03:59", true],
    ["22:00-04:00", "2026-11-25T04:00", false],
    // It passes midnight and belongs to the day on which it begins.
    ["fri 22:00-04:00", "2026-11-28T03:00", true],
    ["fri 22:00-04:00", "2026-11-27T03:00", false],
    ["day 28-31", "2026-11-28T00:00", true],
    ["day 28-3 08:00-12:00", "2026-12-03T09:00", true],
    ["day 28-3 08:00-12:00", "2026-12-04T09:00", false],
    ["2026-12-20..2027-01-06", "2027-01-06T23:59", true],
    ["2026-12-20..2027-01-06", "2027-01-07T00:00", false],
  ])("%s at %s: %s", (text, local, wanted) => {
    expect(covers(text, local)).toBe(wanted);
  });

  test("keeps to local time when the clocks change", () => {
    const window = parseDenyWindow("08:00-09:00");
    expect(window.covers(Date.parse("2026-07-01T06:30:00Z"), ZONE)).toBe(true);
    expect(window.covers(Date.parse("2026-12-01T07:30:00Z"), ZONE)).toBe(true);
    expect(window.covers(Date.parse("2026-12-01T06:30:00Z"), ZONE)).toBe(false);
  });

  test("belongs to the day on which it begins also after the short night and the long one", () => {
    const window = parseDenyWindow("sun 22:00-04:00");
    expect(window.covers(Date.parse("2026-03-30T00:30:00+02:00"), ZONE)).toBe(true);
    expect(window.covers(Date.parse("2026-03-30T03:59:00+02:00"), ZONE)).toBe(true);
    expect(window.covers(Date.parse("2026-03-29T03:30:00+02:00"), ZONE)).toBe(false);
    expect(window.covers(Date.parse("2026-10-26T03:59:00+01:00"), ZONE)).toBe(true);
    expect(window.covers(Date.parse("2026-10-25T03:59:00+01:00"), ZONE)).toBe(false);
  });

  test.each([
    "",
    "always",
    "mon-fry 08:00-18:00",
    "25:00-26:00",
    "08:00-08:00",
    "day 0-3",
    "2027-01-06..2026-12-20",
    "8-18",
  ])("refuses %j", (text) => {
    expect(() => parseDenyWindow(text)).toThrow("expected days, times or both");
  });
});
