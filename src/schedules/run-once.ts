import { ClaimLostError, claimOf, readClaimed } from "./claimed-occasion.ts";
import type { Keeper } from "./keeper.ts";
import { decodeOccasion, encodeOccasion, newOccasion, type Occasion, type ReadOccasion } from "./occasion.ts";
import { reconcile } from "./reconcile.ts";
import { decodeSchedule, encodeSchedule, ITSELF, type ReadSchedule, type Schedule } from "./schedule.ts";
import type { KeptSchedule } from "./schedule-store.ts";
import { tell, tellPaused } from "./tell.ts";
import { settleOccasion } from "./settle-occasion.ts";
import { whatIsDue } from "./what-is-due.ts";

const DAY = 24 * 60 * 60_000;
/** A hold that nobody decides on pauses its schedule. */
const HELD_AT_MOST_MS = 28 * DAY;
/** Occasions are kept for longer than an auditor's year. */
const KEEP_OCCASIONS_MS = 400 * DAY;

/** What one look at the schedules did. */
export interface Pass {
  /** Occasions that were recorded, carried out or ended, as they are afterwards. */
  occasions: Occasion[];
}

/**
 * Looks at every schedule of the account once: ends the occasions whose runs are over, takes over those that nobody is at any
 * more, and carries out what is due. Any number of processes may do so at a time. A schedule that can't be looked at is told to
 * `onError` and keeps no other one waiting.
 */
export async function runOnce(keeper: Keeper): Promise<Pass> {
  const { schedules } = keeper.home;
  const touched = new Map<string, { schedule: string; dueAt: number }>();
  const touch = ({ schedule, dueAt }: Pick<Occasion, "schedule" | "dueAt">): void => {
    touched.set(`${schedule} ${dueAt}`, { schedule, dueAt });
  };
  for (const occasion of await runningHere(keeper)) {
    const kept = await schedules.get(occasion.schedule);
    if (kept) await guarded(keeper, kept, ({ schedule }) => settleOccasion(keeper, schedule, occasion));
    touch(occasion);
  }
  for (const kept of await schedules.list()) {
    if (keeper.signal?.aborted) break;
    await guarded(keeper, kept, async (read) => {
      for (const occasion of await lookAt(keeper, read)) touch(occasion);
    });
  }
  const found = await Promise.all(
    [...touched.values()].map(({ schedule, dueAt }) => schedules.occasion(schedule, dueAt)),
  );
  return { occasions: found.filter((kept) => kept !== null).map(decodeOccasion) };
}

async function runningHere({ home, registry }: Keeper): Promise<ReadOccasion[]> {
  const running = await home.schedules.running();
  return running.filter(({ accountId }) => accountId === registry.api.accountId).map(decodeOccasion);
}

/** What goes wrong with one schedule is told, and the others are looked at. */
async function guarded(
  { onError, registry }: Keeper,
  kept: KeptSchedule,
  work: (read: ReadSchedule) => Promise<void>,
): Promise<void> {
  try {
    const read = decodeSchedule(kept);
    if (read.schedule.settings.accountId === registry.api.accountId) await work(read);
  } catch (error) {
    if (!(error instanceof ClaimLostError)) onError?.(error as Error, kept.name);
  }
}

/** Records what is due of one schedule and carries it out; answers the occasions that came of it. */
async function lookAt(keeper: Keeper, { schedule: read, version }: ReadSchedule): Promise<Occasion[]> {
  const { home, now, host } = keeper;
  const schedule = pauseIfHeldTooLong(read, now());
  const [running = null] = await runningHere(keeper);
  const due = whatIsDue(schedule, { now: now(), host, running });
  if (due === null && schedule === read) return [];
  const { name } = schedule;
  const add = [...(due?.ended ?? [])];
  const claiming = due?.dueAt ?? null;
  if (due !== null && claiming !== null) {
    const { askedBy } = due;
    const claim = claimOf(keeper);
    const beside = await runsAtWork(keeper);
    add.push(newOccasion({ schedule: name, dueAt: claiming, state: "running", askedBy, beside, claim, at: now() }));
  }
  const next = countFailures(due?.schedule ?? schedule, add);
  const answer = await home.schedules.step({
    name,
    version,
    document: encodeSchedule(next),
    accountId: schedule.settings.accountId,
    add: add.map(encodeOccasion),
  });
  if (answer !== "done") return []; // somebody else was faster; the next look sees what is left
  await home.schedules.removeOccasionsBefore(name, now() - KEEP_OCCASIONS_MS);
  if (schedule !== read) await tellPaused(keeper, next);
  for (const occasion of add) await tell(keeper, next, occasion);
  if (claiming === null) return add;
  await reconcile(keeper, await readClaimed(keeper, next, claiming));
  return add;
}

/** A person's runs are allowed meanwhile, and said. */
async function runsAtWork({ home, registry }: Keeper): Promise<string[]> {
  const ids = (await home.runs.inStates(["planning", "queueing", "running", "pausing"])).map(({ id }) => id);
  const runs = await Promise.all(ids.map((id) => home.runs.get(id)));
  return runs.flatMap((run) => (run?.accountId === registry.api.accountId ? [run.id] : []));
}

function countFailures(schedule: Schedule, ended: readonly Occasion[]): Schedule {
  const failed = ended.filter(({ state }) => state === "failed").length;
  return failed === 0 ? schedule : { ...schedule, failures: schedule.failures + failed };
}

function pauseIfHeldTooLong(schedule: Schedule, now: number): Schedule {
  const { held, paused } = schedule;
  if (held === null || paused !== null || now - held.since < HELD_AT_MOST_MS) return schedule;
  return { ...schedule, paused: { at: now, by: ITSELF, reason: "held for four weeks, and nobody decided" } };
}
