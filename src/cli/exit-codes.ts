import type { Run } from "../runs/run.ts";
import { hasRejects } from "../runs/outcome.ts";

/** What a script can tell from a command's end. */
export const EXIT = {
  done: 0,
  couldNot: 1,
  usage: 2,
  doneWithRejects: 3,
  halted: 4,
  /** Differences where none were expected. */
  different: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of a run that came to its end, or to rest. */
export function exitCodeOf(run: Run): ExitCode {
  switch (run.state) {
    case "finished":
      return hasRejects(run.outcomes) ? EXIT.doneWithRejects : EXIT.done;
    case "halted":
      return EXIT.halted;
    case "paused":
    case "pausing":
    case "interrupted":
    case "cancelled":
    case "cancelling":
      return EXIT.interrupted;
    case "planning":
    case "queueing":
    case "running":
      return EXIT.done;
  }
}
