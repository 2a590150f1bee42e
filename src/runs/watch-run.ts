import { setTimeout as sleep } from "node:timers/promises";
import { somebodyWorksOn } from "./attendance.ts";
import type { RunHome } from "./run-home.ts";
import type { Run } from "./run.ts";
import { settle } from "./settle.ts";
import { isAtRest } from "./states.ts";

const SECOND = 1_000;
const LOOK_EVERY = 250;
/** How often a watcher asks whether anybody is at work. */
const ASK_WHO_EVERY = 2 * SECOND;
/** A datastore that has not answered for so long is said to be silent. */
const SILENT_AFTER = 3 * SECOND;

/** What a watcher sees of a run. */
export interface RunLook {
  run: Run;
  /** Somebody alive works on it; always so where the watcher itself does. */
  isWorkedOn: boolean;
}

export interface WatchOptions {
  backend: RunHome;
  run: Run;
  by: string;
  /** Ends the watch; it does not touch the run. */
  signal: AbortSignal;
  onLook: (look: RunLook) => void;
  /** The datastore has not answered for three seconds; once for each such silence. */
  onSilence?: () => void;
  /** This process works on the run, and settles it. Otherwise each look does. */
  isWorking?: boolean;
  /** Ends the watch when nobody has worked on the run for so long; default: never. */
  giveUpAfterMs?: number;
  /** Whether an error of the datastore will pass: the watch goes on. Default: none does. */
  willPass?: (error: unknown) => boolean;
  now?: () => number;
}

/**
 * Looks at a run a few times a second until it is over or at rest, the signal ends it, or nobody works on it any more.
 * Answers what was seen last, and null in place of the run where its record is gone from the datastore.
 */
export async function watchRun(options: WatchOptions): Promise<{ run: Run | null; last: Run; isWorkedOn: boolean }> {
  const {
    backend,
    by,
    signal,
    onLook,
    isWorking = false,
    giveUpAfterMs = Infinity,
    onSilence = () => {},
    now = Date.now,
    willPass = () => false,
  } = options;
  let look: RunLook = { run: options.run, isWorkedOn: true };
  let askedAt = Number.NEGATIVE_INFINITY;
  let workedOnAt = now();
  while (!isAtRest(look.run.state) && !signal.aborted) {
    if (!isWorking && now() - askedAt >= ASK_WHO_EVERY) {
      askedAt = now();
      look.isWorkedOn = await unlessStopped(somebodyWorksOn(backend, look.run), signal, look.isWorkedOn);
    }
    if (look.isWorkedOn) workedOnAt = now();
    onLook(look);
    if (now() - workedOnAt >= giveUpAfterMs) break;
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
    const seen = isWorking ? backend.runs.get(look.run.id) : settle(backend, look.run.id, by, now);
    const before = look.run;
    const patient = seen.catch((error: unknown) => {
      if (willPass(error)) return before;
      throw error;
    });
    const silence = setTimeout(onSilence, SILENT_AFTER);
    const run = await unlessStopped(patient, signal, before).finally(() => clearTimeout(silence));
    if (run === null) return { run: null, last: look.run, isWorkedOn: look.isWorkedOn };
    look = { ...look, run };
  }
  onLook(look);
  return { run: look.run, last: look.run, isWorkedOn: look.isWorkedOn };
}

/** A datastore that does not answer (its owner is frozen, say) must not keep who wants to leave. */
async function unlessStopped<T>(answer: Promise<T>, signal: AbortSignal, otherwise: T): Promise<T> {
  if (signal.aborted) return otherwise;
  const { promise, resolve } = Promise.withResolvers<T>();
  const stop = (): void => resolve(otherwise);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([answer, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
