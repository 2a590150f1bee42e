import { Readable } from "node:stream";
import { type PlannedSource, planSource } from "../plan/plan-source.ts";
import type { Keeper } from "./keeper.ts";
import { knownEntries } from "./known-entries.ts";
import { observe } from "./observed-registry.ts";
import type { Schedule } from "./schedule.ts";
import type { SieveOptions } from "./sieve.ts";
import { type TakenSource, takeSource } from "./take-source.ts";

/** A schedule's list, planned. */
export interface PlannedList extends PlannedSource {
  taken: TakenSource;
  /** What its rows are sieved by; `entries` are those of the whole registry. */
  sieving: SieveOptions;
}

/**
 * Takes a schedule's list and plans it against the whole registry, which takes as many requests as the listing has pages. The
 * caller closes the plan. Throws SourceError for a list that can't be taken or used, and the registry's errors.
 */
export async function planList(
  keeper: Keeper,
  { name, settings, acceptedDifferences: accepted }: Schedule,
  onProgress?: () => void,
): Promise<PlannedList> {
  const { home, registry, signal, now } = keeper;
  const { source, lint, onDrift } = settings;
  const taken = await takeSource({ ...keeper, schedule: name, source, proxy: registry.api.proxy });
  const observed = observe(registry);
  const planned = await planSource({
    path: taken.path,
    stdin: Readable.from([]),
    read: source.read,
    registry: observed.registry,
    noPlan: false,
    lint,
    checkAgain: false,
    needSize: true,
    signal,
    onProgress,
  });
  try {
    const known = await knownEntries(home.schedules, name);
    return { ...planned, taken, sieving: { known, entries: observed.entries, accepted, onDrift, now: now() } };
  } catch (error) {
    await planned.plan.close();
    throw error;
  }
}
