import { writeReport } from "../report/write-report.ts";
import { cancelRun } from "../runs/control.ts";
import type { Run } from "../runs/run.ts";
import { settle } from "../runs/settle.ts";
import { queueRun } from "../runs/start-run.ts";
import { VERSION } from "../version.ts";
import { countOf } from "../wording.ts";
import { ClaimedOccasion, isAbandoned, takeOver } from "./claimed-occasion.ts";
import type { Keeper } from "./keeper.ts";
import { WEEK_MS } from "./limits.ts";
import type { ReadOccasion } from "./occasion.ts";
import { otherFindings, whatWasBeside } from "./findings.ts";
import { knownEntries } from "./known-entries.ts";
import { reconcile } from "./reconcile.ts";
import type { Schedule } from "./schedule.ts";

/** A hold may last four weeks, and looks back a week from its beginning. */
const REMEMBER_SENT_MS = 5 * WEEK_MS;

/**
 * Brings a running occasion further: one whose run is over ends, one that nobody is at is taken over. Any process may do it at any
 * time, several at once.
 */
export async function settleOccasion(keeper: Keeper, schedule: Schedule, occasion: ReadOccasion): Promise<void> {
  const { home, by, now } = keeper;
  const run = occasion.run === null ? null : await settle(home, occasion.run, by, now);
  switch (run?.state) {
    case "finished":
    case "cancelled":
    case "halted":
      return await endWithRun(keeper, new ClaimedOccasion(keeper, schedule, occasion), run);
    case "planning":
    case "queueing":
    case "running":
    case "pausing":
    case "paused":
    case "cancelling":
      return;
    case "interrupted":
    case undefined: {
      if (!isAbandoned(occasion, now()) || !canRead(keeper, schedule)) return;
      const claimed = await takeOver(keeper, schedule, occasion);
      if (claimed) await goOn(keeper, claimed, run ?? null);
    }
  }
}

/** Its process died: before its run was made, while the rows were recorded, or while they were queued. */
async function goOn(keeper: Keeper, claimed: ClaimedOccasion, run: Run | null): Promise<void> {
  const { home, by, now } = keeper;
  if (run === null) return await reconcile(keeper, claimed);
  if (run.rows === run.source.rows) {
    await queueRun(run.id, { backend: home, by, now });
    await claimed.step({ claim: null });
    return;
  }
  // Nothing of it was sent, and its plan is gone.
  await cancelRun({ backend: home, by, now }, run.id);
  await claimed.step({ run: null });
  await reconcile(keeper, claimed);
}

function canRead({ host }: Keeper, { settings: { source } }: Schedule): boolean {
  return source.host === null || source.host === host;
}

async function endWithRun(keeper: Keeper, claimed: ClaimedOccasion, run: Run): Promise<void> {
  const { name } = claimed.schedule;
  await learnFromRun(keeper, name, run);
  const problem = await writeItsReport(keeper, claimed.schedule, run);
  const { updated } = run.outcomes;
  const failed = run.state === "finished" ? null : run.state;
  await claimed.end(
    {
      state: failed === null ? "done" : "failed",
      reason: failed === null ? (run.outcomes.failed > 0 ? "rows_failed" : null) : `run_${failed}`,
      message: [whatCameOf(run, claimed.occasion), problem].filter((part) => part !== null).join("; "),
      changes: updated,
    },
    (schedule) => ({
      ...schedule,
      failures: failed === null ? 0 : schedule.failures + 1,
      sent: [
        ...schedule.sent.filter(
          ({ dueAt }) => dueAt !== claimed.occasion.dueAt && dueAt > keeper.now() - REMEMBER_SENT_MS,
        ),
        // What somebody approved does not count for what is to be looked at.
        { dueAt: claimed.occasion.dueAt, changes: claimed.occasion.approvedBy === null ? updated : 0 },
      ],
    }),
  );
}

/** What was applied is known from now on, and so is what was refused for good. */
async function learnFromRun({ home }: Keeper, name: string, run: Run): Promise<void> {
  const known = await knownEntries(home.schedules, name);
  const learned: [string, string][] = [];
  for await (const { entryId, changes, asSeen, result } of home.rows.all(run.id)) {
    if (entryId === null || changes === null || result === null || result.attempts === 0) continue;
    const before = known.get(entryId) ?? { applied: {} };
    if (result.outcome === "updated") {
      const values = Object.fromEntries(Object.entries(changes).map(([field, { to }]) => [field, to]));
      learned.push([entryId, JSON.stringify({ applied: { ...before.applied, ...values } })]);
    } else if (result.outcome === "rejected_by_api") {
      const refused = { asSeen, message: result.message ?? "refused", run: run.id };
      learned.push([entryId, JSON.stringify({ ...before, refused })]);
    }
  }
  await home.schedules.keepEntries(name, learned);
}

/** Answers what went wrong with it; an occasion does not fail for its report, which can be written again at any time. */
async function writeItsReport(keeper: Keeper, schedule: Schedule, run: Run): Promise<string | null> {
  if (run.reportDir === null || !canRead(keeper, schedule)) return null;
  try {
    const rows = (): ReturnType<typeof keeper.home.rows.all> => keeper.home.rows.all(run.id);
    await writeReport({ run, rows, dir: run.reportDir, version: VERSION, now: keeper.now });
    return null;
  } catch (error) {
    keeper.onError?.(error as Error, schedule.name);
    return `the report could not be written: ${(error as Error).message}`;
  }
}

function whatCameOf({ outcomes, state, reason }: Run, occasion: ReadOccasion): string {
  const { counts } = occasion;
  return [
    `${countOf(outcomes.updated, "entry", "entries")} updated`,
    outcomes.failed > 0 ? `${outcomes.failed} failed` : null,
    outcomes.rejected_by_api > 0 ? `${outcomes.rejected_by_api} refused by the API` : null,
    ...(counts === null ? [] : otherFindings(counts)),
    ...whatWasBeside(occasion),
    state === "finished" ? null : `the run is ${state}${reason === null ? "" : `: ${reason}`}`,
  ]
    .filter((part) => part !== null)
    .join("; ");
}
