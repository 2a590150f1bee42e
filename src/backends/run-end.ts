import type { RunState } from "../runs/run.ts";

/** The states that a run ends in, which is when `finishedAt` is set. */
export function isEnd(state: RunState): boolean {
  return state === "finished" || state === "cancelled";
}
