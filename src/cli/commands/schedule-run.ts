import { makeKeeper } from "../../../workers/keep-schedules.ts";
import { runDue } from "../../../workers/run-due.ts";
import { followBudget } from "../../budget/follow-budget.ts";
import { readSecretVariable } from "../../config.ts";
import { askForRun } from "../../schedules/control-schedule.ts";
import { decodeOccasion, type Occasion } from "../../schedules/occasion.ts";
import { findSchedule } from "../../schedules/schedule.ts";
import { occasionView } from "../../schedules/view.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Progress } from "../progress.ts";
import { openSession, registryOf, type Session } from "../session.ts";
import { sendNotifications } from "../send-notifications.ts";
import { occasionLine } from "../show-schedule.ts";
import { listenForStop, STOPPING_WORK } from "../signals.ts";
import type { scheduleRunNowUsage, scheduleRunDueUsage } from "../usage/schedule-run.ts";
import type { Work } from "../usage.ts";

export const doScheduleRunNow: Work<typeof scheduleRunNowUsage> = async ({ name }, { config, terminal }) => {
  const session = await openSession(config, terminal);
  try {
    const { backend, by } = session;
    const { schedule } = await findSchedule(backend.schedules, name);
    const dueAt = await askForRun(backend.schedules, name, { by, now: Date.now() });
    if (backend.canWork) await doWhatIsDue(session);
    const kept = await backend.schedules.occasion(name, dueAt);
    if (kept === null) {
      terminal.print(
        `Asked for; it begins when nothing else of the account is reconciled and no --not-during is on. See: bulkpatch schedule occasions ${name}`,
      );
      terminal.printJson({
        schedule: name,
        due_at: new Date(dueAt).toISOString(),
        state: "running",
        reason: "waiting",
      });
      return EXIT.done;
    }
    const occasion = decodeOccasion(kept);
    terminal.print(occasionLine(occasionView(occasion), schedule.settings.timeZone));
    if (occasion.state === "held") terminal.print(`See: bulkpatch schedule show ${name}`);
    terminal.printJson(occasionView(occasion));
    return codeOf([occasion]);
  } finally {
    await session.close();
  }
};

export const doScheduleRunDue: Work<typeof scheduleRunDueUsage> = async (_wanted, { config, terminal }) => {
  const session = await openSession(config, terminal);
  try {
    const { backend } = session;
    if (!backend.canWork) {
      terminal.print(`Another process holds ${backend.address} and keeps the schedules there.`);
      terminal.printJson({ occasions: [] });
      return EXIT.done;
    }
    const occasions = await doWhatIsDue(session);
    if (occasions.length === 0) terminal.print("Nothing is due.");
    for (const occasion of occasions) {
      const kept = await backend.schedules.get(occasion.schedule);
      const zone =
        kept === null ? "UTC" : (await findSchedule(backend.schedules, occasion.schedule)).schedule.settings.timeZone;
      terminal.print(`${occasion.schedule}: ${occasionLine(occasionView(occasion), zone)}`);
    }
    terminal.printJson({ occasions: occasions.map(occasionView) });
    return codeOf(occasions);
  } finally {
    await session.close();
  }
};

async function doWhatIsDue(session: Session): Promise<Occasion[]> {
  const { backend, by, terminal, config } = session;
  const registry = await registryOf(session);
  const stop = listenForStop(terminal, STOPPING_WORK);
  const keeper = makeKeeper({
    backend,
    registry,
    by,
    dataDir: config.dataDir,
    environment: readSecretVariable,
    onError: (error, schedule) => terminal.warn(`${schedule}: ${error.message}`),
    signal: stop.signal,
  });
  const progress = new Progress(terminal);
  const budget = followBudget(registry.budget);
  try {
    return await runDue({
      keeper,
      backend,
      registry,
      by,
      concurrency: config.concurrency,
      keepDays: config.keepDays,
      work: true,
      signal: stop.signal,
      onRun: (run) => terminal.note(`Run ${run} is at work.`),
      onLook: (look) => progress.show(look.run, budget(), look.isWorkedOn),
      onTrouble: (error) => terminal.warn(`${error.message}; trying again`),
    });
  } finally {
    terminal.endRedraw();
    await keeper.close();
    await sendNotifications(session);
    stop.release();
  }
}

/** The gravest of several. */
function codeOf(occasions: readonly Occasion[]): ExitCode {
  const some = (is: (occasion: Occasion) => boolean): boolean => occasions.some(is);
  if (some(({ state }) => state === "failed")) return EXIT.couldNot;
  if (some(({ state }) => state === "held")) return EXIT.halted;
  if (some(({ state }) => state === "drift")) return EXIT.different;
  if (some(({ counts, reason }) => (counts?.rejected ?? 0) > 0 || reason === "rows_failed"))
    return EXIT.doneWithRejects;
  return EXIT.done;
}
