import { InterruptedError } from "../explained-error.ts";
import type { Terminal } from "./terminal.ts";
import { EXIT } from "./exit-codes.ts";

export interface StopSignal {
  signal: AbortSignal;
  /** Resolves at the first signal. */
  heard: Promise<void>;
  /** Gives the signals back their usual effect. */
  release: () => void;
}

/** Of a process that works: a call that gets no answer is given up after half a minute. */
export const STOPPING_WORK = "Stopping: what is in flight ends first, within half a minute or so (again for at once).";

/**
 * Stops politely on the first SIGINT or SIGTERM (the signal aborts) and at once on the second.
 */
export function listenForStop(terminal: Terminal, firstLine: string): StopSignal {
  const controller = new AbortController();
  const heard = new Promise<void>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      terminal.note("Stopped at once. Nothing is lost: what was in flight is looked at again when the run goes on.");
      process.exit(EXIT.interrupted);
    }
    terminal.note(firstLine);
    controller.abort(new InterruptedError("stopped by a signal", "run the same command again"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    heard,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
