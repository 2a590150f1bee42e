import { hostname, userInfo } from "node:os";
import type { RunEvent } from "./run.ts";

/** Who does something, as it is recorded and shown: `user@host`. */
export function currentActor(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = "unknown"; // a container may run under a uid without a name
  }
  return `${user}@${hostname()}`;
}

/**
 * A line of a run's history. `what`: a state, or what was done; `by`: who did it; `at`: epoch milliseconds; `detail`: more for a
 * person to read.
 */
export function eventOf(what: string, by: string, at: number, detail: string | null = null): RunEvent {
  return { at, what, by, detail };
}
