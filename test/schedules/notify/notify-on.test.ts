import { describe, expect, it } from "vitest";
import { DEFAULT_NOTIFY_ON, noticesFor, parseNotifyOn } from "../../../src/schedules/notify/notify-on.ts";
import type { OccasionState } from "../../../src/schedules/schedule-store.ts";

describe("--notify-on", () => {
  it("is read", () => {
    expect(parseNotifyOn("failed, held,rejected:5%,recovered,done", 3)).toEqual({
      kinds: ["failed", "held", "rejected", "recovered", "done"],
      rejectedPercent: 5,
      failAfter: 3,
    });
    for (const wrong of ["", "failing", "failed:5%", "rejected:5", "rejected:101%", "test"]) {
      expect(parseNotifyOn(wrong, 1), wrong).toBeNull();
    }
  });
});

/** What is told over the course of these occasions, in order. */
function told(states: string[], on = { ...DEFAULT_NOTIFY_ON, failAfter: 2 }): string[] {
  const occasions = states.map((text) => {
    const [state, more = ""] = text.split("/");
    return { state: state as OccasionState, reason: more, rows: 100, rejected: state === "done" ? Number(more) : 0 };
  });
  return occasions.map((now, i) => noticesFor(now, occasions.slice(0, i).toReversed(), on).join("+"));
}

describe("news", () => {
  it("of a streak of failures is told once, from the Nth on, and then the recovery", () => {
    expect(told(["failed", "in_sync", "failed", "failed", "skipped", "failed", "done/0", "done/0"])).toEqual([
      "",
      "",
      "",
      "failed",
      "",
      "",
      "recovered",
      "",
    ]);
  });

  it("of a hold is told once, and again when the reason changes", () => {
    expect(told(["held/max", "held/max", "held/swap", "in_sync"])).toEqual(["held", "", "held", "recovered"]);
  });

  it("of rejected rows depends on their share", () => {
    expect(told(["done/3", "done/0"])).toEqual(["rejected", ""]);
    expect(told(["done/5", "done/6"], { ...DEFAULT_NOTIFY_ON, rejectedPercent: 5 })).toEqual(["", "rejected"]);
  });

  it("is told only of what was asked for", () => {
    expect(told(["done/3", "failed", "drift"], { kinds: ["done"], rejectedPercent: 0, failAfter: 1 })).toEqual([
      "done",
      "",
      "done",
    ]);
  });
});
