import { describe, expect, it } from "vitest";
import { RUN_STATES, type RunState } from "../../src/runs/run.ts";
import { isOver, isWorking, reasonToMove, statesBefore } from "../../src/runs/states.ts";

describe("a run's states", () => {
  it("allows exactly these moves", () => {
    const table = RUN_STATES.map(
      (from) => `${from} → ${RUN_STATES.filter((to) => reasonToMove(from, to)).join(", ") || "–"}`,
    );
    expect(table).toMatchInlineSnapshot(`
      [
        "planning → queueing, halted, interrupted, cancelling",
        "queueing → running, pausing, halted, interrupted, cancelling",
        "running → pausing, halted, cancelling, finished",
        "pausing → queueing, running, paused, halted, cancelling",
        "paused → queueing, running, cancelling, finished",
        "halted → queueing, running, cancelling",
        "interrupted → planning, queueing, halted, cancelling",
        "cancelling → cancelled",
        "cancelled → –",
        "finished → –",
      ]
    `);
  });

  it("leaves a run that is over as it is", () => {
    for (const from of RUN_STATES.filter(isOver))
      for (const to of RUN_STATES) expect(reasonToMove(from, to)).toBeNull();
  });

  it("lets every unfinished state come to running, by one way or another", () => {
    for (const start of RUN_STATES.filter((state) => !isOver(state) && state !== "cancelling")) {
      const reached = new Set<RunState>([start]);
      for (const state of reached) for (const to of RUN_STATES) if (reasonToMove(state, to)) reached.add(to);
      expect([...reached].some(isWorking), start).toBe(true);
    }
  });

  it("never moves to where it is", () => {
    for (const state of RUN_STATES) expect(statesBefore(state)).not.toContain(state);
  });
});
