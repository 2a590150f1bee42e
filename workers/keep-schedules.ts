import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Backend } from "../src/backends/backend.ts";
import type { Registry } from "../src/registry/open-registry.ts";
import { ownerName, processHost } from "../src/runs/attendance.ts";
import type { Keeper } from "../src/schedules/keeper.ts";
import { createNotifier } from "../src/schedules/notify/notifier.ts";
import { type Pass, runOnce } from "../src/schedules/run-once.ts";

/** How often a process looks at the schedules, for what is due by then. */
const LOOK_EVERY_MS = 15_000;
/** How often it looks whether a schedule or a run has changed: what somebody asks for begins at once, and what has ended is told. */
const LOOK_FOR_CHANGES_EVERY_MS = 1_000;

export interface KeeperOptions {
  backend: Backend;
  registry: Registry;
  by: string;
  /** Absolute; copies of https sources go into a folder in it. */
  dataDir: string;
  /** A value of the environment, by its name. */
  environment: (name: string) => string | undefined;
  onError: NonNullable<Keeper["onError"]>;
  signal?: AbortSignal;
  now?: () => number;
}

/** This process as a keeper of schedules. The caller closes it. */
export function makeKeeper(options: KeeperOptions): Keeper & { close(): Promise<void> } {
  const { backend, registry, by, dataDir, environment, onError, signal, now = Date.now } = options;
  const notifier = createNotifier({ home: backend, onError: (error) => onError(error, "notifications") });
  return {
    home: backend,
    registry,
    by,
    host: hostname(),
    owner: ownerName({ id: randomUUID(), host: processHost(), pid: process.pid }),
    copies: join(dataDir, "sources"),
    environment,
    now,
    signal,
    notifier,
    onError,
    close: () => notifier.close(),
  };
}

export interface KeepOptions extends Omit<KeeperOptions, "signal"> {
  onPass: (pass: Pass) => void;
}

/** Looks at the schedules now, about every 15 seconds, and within about one when something changed. Answers how to stop it. */
export function keepSchedules({ onPass, ...options }: KeepOptions): () => Promise<void> {
  const stopping = new AbortController();
  const keeper = makeKeeper({ ...options, signal: stopping.signal });
  const { runs } = options.backend;
  let timer: NodeJS.Timeout | null = null;
  let last = { at: Number.NEGATIVE_INFINITY, changes: Number.NaN };
  let looking = look();

  async function look(): Promise<void> {
    let againMs = LOOK_FOR_CHANGES_EVERY_MS;
    try {
      // Before the schedules, so that what changes in between is seen by the next look.
      const changes = await runs.changes();
      const at = performance.now();
      if (changes !== last.changes || at - last.at >= LOOK_EVERY_MS) {
        last = { at, changes };
        onPass(await runOnce(keeper));
      }
    } catch (error) {
      options.onError(error as Error, "all");
      againMs = LOOK_EVERY_MS;
    }
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      looking = look();
    }, againMs);
  }

  return async () => {
    stopping.abort();
    if (timer) clearTimeout(timer);
    await looking;
    await keeper.close();
  };
}
