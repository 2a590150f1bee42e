import type { Terminal } from "./terminal.ts";
import { EXIT } from "./exit-codes.ts";

export interface StopSignal {
  signal: AbortSignal;
  /** Gives the signals back their usual effect. */
  release: () => void;
}

/**
 * Stops politely on the first SIGINT or SIGTERM (the signal aborts) and at once on the second.
 */
export function listenForStop(terminal: Terminal, firstLine: string): StopSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      terminal.note("Stopped at once. Nothing is lost: what was in flight is looked at again when the run goes on.");
      process.exit(EXIT.interrupted);
    }
    terminal.note(firstLine);
    controller.abort(new Error("stopped by a signal"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
