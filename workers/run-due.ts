import type { Keeper } from "../src/schedules/keeper.ts";
import type { Occasion } from "../src/schedules/occasion.ts";
import { runOnce } from "../src/schedules/run-once.ts";
import { isOver } from "../src/runs/states.ts";
import { type AttendOptions, attendRun } from "./attend-run.ts";

export interface RunDueOptions extends Omit<AttendOptions, "run"> {
  keeper: Keeper;
  /** Told of each run before it is worked on. */
  onRun: (runId: string) => void;
}

/**
 * Does all that is due, to its end: looks at the schedules, works on the runs that came of it, and looks again until nothing is
 * left to do. Answers the occasions that it had to do with.
 */
export async function runDue({ keeper, onRun, ...options }: RunDueOptions): Promise<Occasion[]> {
  const seen = new Map<string, Occasion>();
  const left = new Set<string>();
  for (;;) {
    const { occasions } = await runOnce(keeper);
    for (const occasion of occasions) seen.set(`${occasion.schedule} ${occasion.dueAt}`, occasion);
    const running = occasions.find(({ state, run }) => state === "running" && run !== null && !left.has(run));
    if (running === undefined || options.signal.aborted) return [...seen.values()];
    const run = await options.backend.runs.get(running.run!);
    if (run === null) return [...seen.values()];
    onRun(run.id);
    const attended = await attendRun({ ...options, run });
    if (!isOver(attended.run.state)) left.add(run.id);
  }
}
