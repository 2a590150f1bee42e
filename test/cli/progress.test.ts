import { describe, expect, it } from "vitest";
import { viewBudget } from "../../src/budget/budget-view.ts";
import { Progress } from "../../src/cli/progress.ts";
import { makeRunUnderWay } from "../report/sample-run.ts";
import { fakeTerminal } from "./fake-terminal.ts";

const FOUR_A_SECOND = viewBudget(null, { limit: 1_200, windowMs: 300_000, fastMs: 250, evenMs: 250 });

/** 1,140 in five minutes, evenly spaced. */
const EVEN = viewBudget(null, { limit: 1_140, windowMs: 300_000, fastMs: 263, evenMs: 263 });

describe("progress", () => {
  it("says why nothing is sent, and counts it into the time that is left", () => {
    const { terminal, lines } = fakeTerminal({ isLive: true, columns: 200 });
    const closed = { ...EVEN, closedForMs: 90_000, reason: "throttled" } as const;
    new Progress(terminal, () => 0).show(makeRunUnderWay({ unchanged: 1_999 }), closed);
    expect(lines[0]).toContain("nothing is sent for 1 min 30 s, since Cloudflare answered 429 · about 1 min 30 s left");
  });

  it("tells the time that is left from the budget, before a single row was sent", () => {
    const { terminal, lines } = fakeTerminal({ isLive: true });
    new Progress(terminal, () => 0).show(makeRunUnderWay({ unchanged: 860 }), EVEN);
    expect(lines).toEqual([expect.stringContaining("860 of 2,000 rows · 860 unchanged · about 5 min left")]);
  });

  it.each([
    [9, "4 min 9 s"],
    [14, "4 min 9 s left"],
    [25, "1,003/2,000 · 4 min 9 s"],
    [30, "1,003/2,000 · 4 min 9 s left"],
    [50, "1,003 of 2,000 rows · about 4 min 9 s left"],
    [58, "1,003 of 2,000 rows · 100 updated · about 4 min 9 s left"],
    [59, "████████░░░░░░░  1,003 of 2,000 rows · about 4 min 9 s left"],
    [80, "███████████░░░░░░░░░░░  1,003 of 2,000 rows · 100 updated · about 4 min 9 s left"],
  ])("fits a line of %i columns, the time left last to go", (columns, expected) => {
    const { terminal, lines } = fakeTerminal({ isLive: true, columns: columns + 1 });
    const outcomes = { updated: 100, unchanged: 860, rejected_invalid: 40, failed: 3 };
    new Progress(terminal, () => 0).show(makeRunUnderWay(outcomes), FOUR_A_SECOND);
    expect(lines).toEqual([expected]);
  });

  it("never fills more than the terminal's line, and has a bar from 60 columns on", () => {
    for (let columns = 1; columns <= 300; columns += 1) {
      const { terminal, lines } = fakeTerminal({ isLive: true, columns });
      new Progress(terminal, () => 0).show(
        makeRunUnderWay({ updated: 100, unchanged: 860, rejected_invalid: 40, failed: 3 }),
        EVEN,
      );
      expect(lines[0]!.length).toBeLessThan(columns);
      expect(/^█+░+ /.test(lines[0]!), `${columns} columns`).toBe(columns >= 60);
    }
  });

  it("promises no time where nothing is known of the budget or nobody works", () => {
    const { terminal, lines } = fakeTerminal({ isLive: false });
    new Progress(terminal, () => 0).show(makeRunUnderWay({ updated: 1 }), null);
    new Progress(terminal, () => 0).show(makeRunUnderWay({ updated: 1 }), FOUR_A_SECOND, false);
    expect(lines).toEqual(["1 of 2,000 rows · 1 updated", "1 of 2,000 rows · 1 updated · nobody works on it"]);
  });

  it("measures the requests a second over the last ten seconds", () => {
    let now = 0;
    const { terminal, lines } = fakeTerminal({ isLive: true, columns: 200 });
    const progress = new Progress(terminal, () => now);
    for (; now <= 20_000; now += 1_000) {
      const perSecond = now < 10_000 ? 0 : 4;
      const total = perSecond * ((now - 10_000) / 1_000);
      progress.show(
        makeRunUnderWay({ updated: 1 }, { requests: { total: Math.max(0, total), retries: 0, throttled: 0 } }),
        EVEN,
      );
    }
    expect(lines.at(-1)).toContain("4.0 requests/s");
  });

  it("says a plain line when the state changes and every ten seconds, where there is no terminal", () => {
    let now = 0;
    const { terminal, lines } = fakeTerminal({ isLive: false });
    const progress = new Progress(terminal, () => now);
    for (; now < 25_000; now += 500) progress.show(makeRunUnderWay({ updated: now / 500 }), EVEN);
    progress.show(makeRunUnderWay({ updated: 50 }, { state: "pausing" }), EVEN);
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toContain("pausing");
  });
});
