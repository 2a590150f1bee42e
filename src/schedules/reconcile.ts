import { join } from "node:path";
import { SourceError } from "../changes/source.ts";
import { isExplained } from "../explained-error.ts";
import { RunError } from "../runs/run-error.ts";
import type { PlannedSource } from "../plan/plan-source.ts";
import { DEFAULT_RUN_OPTIONS } from "../runs/run.ts";
import { freeRunId, startRun } from "../runs/start-run.ts";
import { formatDuration } from "../wording.ts";
import { type Assessment, assess } from "./assess.ts";
import { type ClaimedOccasion, ClaimLostError } from "./claimed-occasion.ts";
import { findingsOf, whatWasBeside } from "./findings.ts";
import type { Keeper } from "./keeper.ts";
import { writeLeftOvers } from "./left-overs.ts";
import { objection, type Objection, objections } from "./limits.ts";
import type { Occasion } from "./occasion.ts";
import { planList } from "./plan-list.ts";
import { ScheduleError } from "./schedule-error.ts";
import type { Schedule } from "./schedule.ts";
import { isHttps } from "./take-source.ts";
import { unusable } from "./unusable-source.ts";

/*
 * A reconciliation: the source is taken and planned against the whole registry; what a schedule leaves alone is taken out; then it
 * is either held, or found to be in sync, or sent as a run whose id is recorded before it exists. The run is carried by
 * the queue and whatever workers there are; its occasion is settled once it is over (settle-occasion.ts).
 */

/** Sources whose size is remembered. */
const SIZES = 7;

/** Carries out an occasion as far as its run. What goes wrong ends the occasion, with its reason. */
export async function reconcile(keeper: Keeper, claimed: ClaimedOccasion): Promise<void> {
  try {
    await planAndSend(keeper, claimed);
  } catch (error) {
    if (error instanceof ClaimLostError) return;
    if (keeper.signal?.aborted) {
      await claimed.step({ claim: null }).catch(() => undefined);
      return;
    }
    await endBadly(claimed, error as Error, keeper);
  }
}

async function planAndSend(keeper: Keeper, claimed: ClaimedOccasion): Promise<void> {
  const { name, settings } = claimed.schedule;
  const { now } = keeper;
  const planned = await planList(keeper, claimed.schedule, () => claimed.renew());
  const { taken, sieving } = planned;
  try {
    const assessment = await assess(planned.plan, sieving);
    const list: ListLeftOvers = (folder) =>
      listLeftOvers(keeper, claimed, join(settings.reportDir, folder), assessment, planned.source.header);
    const { sha256 } = planned.plan;
    const since = claimed.schedule.sourceSeen?.sha256 === sha256 ? claimed.schedule.sourceSeen.since : now();
    const modifiedAt = taken.modifiedAt ?? since;
    const stale = staleness(claimed.schedule, now() - modifiedAt);
    const against = [...(stale ? [stale] : []), ...objections(claimed.schedule, assessment, now())];
    const seen = (schedule: Schedule): Schedule => ({ ...schedule, sourceSeen: { sha256, since } });
    const isApproved = approvalOf(claimed, assessment.digest) !== null;
    if (against.length > 0 && !isApproved)
      return await hold(claimed, against, { ...assessment, leftOversDir: await list(name) }, seen, now());
    await go(
      keeper,
      claimed,
      { ...planned, source: sourceOf(planned, settings.source.address, taken.name) },
      assessment,
      list,
      seen,
    );
  } finally {
    await planned.plan.close();
  }
}

/** Lists what only the list and only the registry have, in a folder among the reports; answers where. */
type ListLeftOvers = (folder: string) => Promise<string | null>;

/** Null where it could not be written, which is told and holds nothing up. */
async function listLeftOvers(
  { onError }: Keeper,
  { schedule: { name } }: ClaimedOccasion,
  folder: string,
  { leftOvers }: Assessment,
  header: readonly string[],
): Promise<string | null> {
  try {
    await writeLeftOvers(folder, leftOvers, header);
    return folder;
  } catch (error) {
    onError?.(error as Error, name);
    return null;
  }
}

/** A copy's own name and folder say nothing to anybody. */
function sourceOf({ source }: PlannedSource, address: string, name: string | null): PlannedSource["source"] {
  return isHttps(address) ? { ...source, name: name ?? source.name, path: null } : source;
}

/** Nothing speaks against it, or somebody approved it. */
async function go(
  keeper: Keeper,
  claimed: ClaimedOccasion,
  { source }: Pick<PlannedSource, "source">,
  assessment: Assessment,
  list: ListLeftOvers,
  seen: (schedule: Schedule) => Schedule,
): Promise<void> {
  const { home, now, by, signal } = keeper;
  const { name, settings } = claimed.schedule;
  const { updates, digest, counts, usable, differences } = assessment;
  const changes = updates.length;
  const accept = (schedule: Schedule): Schedule => ({
    ...seen(schedule),
    held: null,
    approved: null,
    failures: 0,
    acceptedSources: [{ at: now(), rows: counts.rows, usable }, ...schedule.acceptedSources].slice(0, SIZES),
  });
  await home.schedules.keepEntries(
    name,
    [...assessment.agreed].map(([id, entry]) => [id, JSON.stringify(entry)]),
  );
  if (settings.dryRun || changes === 0) {
    const state = (settings.dryRun ? changes : differences) === 0 ? "in_sync" : "drift";
    const message = [findingsOf(assessment, settings.dryRun), ...whatWasBeside(claimed.occasion)].join("; ");
    await claimed.end({ state, digest, changes, counts, leftOversDir: await list(name), message }, accept);
    return;
  }
  const approvedBy = approvalOf(claimed, digest);
  const run = claimed.occasion.run ?? (await freeRunId(home, now()));
  await claimed.step({ run, digest, changes, counts, leftOversDir: await list(run), approvedBy }, accept);
  // Whoever had the occasion before may only have been slow, and have made the run meanwhile: it is that one then.
  if ((await home.runs.get(run)) !== null) return await claimed.step({ claim: null });
  await startRun(
    { ...assessment.rows, digest },
    {
      id: run,
      source,
      options: DEFAULT_RUN_OPTIONS,
      accountId: settings.accountId,
      retryOf: null,
      reportDir: (id) => join(settings.reportDir, id),
    },
    {
      backend: home,
      by: `schedule ${name} (${by})`,
      now,
      signal,
      rate: keeper.registry.rate,
      onProgress: () => claimed.renew(),
    },
  );
  await claimed.step({ claim: null });
}

/** Who let the plan of this digest through: of the schedule, or of a process that died before it made the run. */
function approvalOf({ schedule: { approved }, occasion }: ClaimedOccasion, digest: string): Occasion["approvedBy"] {
  if (approved?.digest === digest) return { by: approved.by, at: approved.at };
  return occasion.digest === digest ? occasion.approvedBy : null;
}

async function hold(
  claimed: ClaimedOccasion,
  against: readonly Objection[],
  assessment: (Assessment & Pick<Occasion, "leftOversDir">) | null,
  seen: (schedule: Schedule) => Schedule,
  now: number,
): Promise<void> {
  const [first] = against as [Objection, ...Objection[]];
  const { schedule } = claimed;
  const digest = assessment?.digest ?? null;
  const notes = [
    ...against.map(({ message }) => message),
    ...(schedule.approved ? ["it is not the plan that was approved"] : []),
    ...(digest !== null && schedule.rejected?.digest === digest
      ? [`it is the plan that ${schedule.rejected.by} rejected`]
      : []),
  ];
  const message = notes.join("; ");
  const rows = [...new Set(against.flatMap((one) => one.rows))].toSorted((a, b) => a - b);
  const shown = [...new Set(against.flatMap((one) => one.shown))].slice(0, 20);
  await claimed.end(
    {
      state: "held",
      run: null,
      reason: first.reason,
      message,
      digest,
      changes: assessment?.updates.length ?? null,
      counts: assessment?.counts ?? null,
      leftOversDir: assessment?.leftOversDir ?? null,
    },
    (current) => ({
      ...seen(current),
      approved: null,
      held: { reason: first.reason, message, digest, since: current.held?.since ?? now, rows, shown },
    }),
  );
}

async function endBadly(claimed: ClaimedOccasion, error: Error, keeper: Keeper): Promise<void> {
  const isKnown = isExplained(error) || error instanceof RunError || error instanceof ScheduleError;
  const code = isKnown ? error.code : "bug";
  if (!isKnown) keeper.onError?.(error, claimed.schedule.name);
  try {
    const against = error instanceof SourceError ? unusable(claimed.schedule, error) : null;
    if (against !== null) return await hold(claimed, [against], null, unseen, keeper.now());
    const reason = error instanceof SourceError ? "source_unreachable" : code;
    await claimed.end({ state: "failed", reason, message: error.message }, (schedule) => ({
      ...schedule,
      failures: schedule.failures + 1,
    }));
  } catch (lost) {
    if (!(lost instanceof ClaimLostError)) throw lost;
  }
}

function unseen(schedule: Schedule): Schedule {
  return schedule;
}

function staleness({ settings: { limits } }: Schedule, ageMs: number): Objection | null {
  if (limits.staleAfterMs === null || ageMs <= limits.staleAfterMs) return null;
  return objection(
    "source_stale",
    `the source has not changed for ${formatDuration(ageMs)}, and the limit is ${formatDuration(limits.staleAfterMs)}`,
  );
}
