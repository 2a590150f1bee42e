import { encodeOccasion } from "./occasion.ts";
import { ScheduleError } from "./schedule-error.ts";
import { changeSchedule, encodeSchedule, findSchedule, type Schedule } from "./schedule.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import { whatIsDue } from "./what-is-due.ts";

/** Who asks, and when. */
export interface Asking {
  /** `user@host`. */
  by: string;
  now: number;
}

/** No occasion is carried out until it is resumed; each is recorded as skipped. A run that is at work goes on. */
export async function pauseSchedule(store: ScheduleStore, name: string, { by, now }: Asking): Promise<Schedule> {
  const paused = { at: now, by, reason: "asked for" };
  return await changeSchedule(store, name, (schedule) => ({ ...schedule, paused: schedule.paused ?? paused }));
}

/** Goes on from now: what was due during the pause is recorded as skipped, and nothing of it is caught up. */
export async function resumeSchedule(store: ScheduleStore, name: string, { now }: Asking): Promise<Schedule> {
  for (;;) {
    const { schedule, version } = await findSchedule(store, name);
    if (schedule.paused === null) return schedule;
    const { host } = schedule.settings.source;
    const due = whatIsDue({ ...schedule, asked: null }, { now, host: host ?? "", running: null });
    const next: Schedule = {
      ...(due?.schedule ?? schedule),
      asked: schedule.asked,
      paused: null,
      // Somebody is there again: the four weeks of a hold begin anew.
      held: schedule.held && { ...schedule.held, since: now },
    };
    const { accountId } = schedule.settings;
    const add = (due?.ended ?? []).map(encodeOccasion);
    if ((await store.step({ name, version, document: encodeSchedule(next), accountId, add })) === "done") return next;
  }
}

/** Asks for an occasion now; whoever keeps the schedules next carries it out. Answers its due time. */
export async function askForRun(store: ScheduleStore, name: string, { by, now }: Asking): Promise<number> {
  const schedule = await changeSchedule(store, name, (before) => {
    assertNotAsked(before);
    return { ...before, asked: { dueAt: now, by, why: "run-now" } };
  });
  return schedule.asked!.dueAt;
}

/** Lets exactly the held plan of this digest through, once, as soon as somebody keeps the schedules. */
export async function approveSchedule(
  store: ScheduleStore,
  name: string,
  digest: string,
  { by, now }: Asking,
): Promise<Schedule> {
  return await changeSchedule(store, name, (schedule) => {
    assertHeldWith(schedule, digest);
    assertNotAsked(schedule);
    return {
      ...schedule,
      approved: { digest: schedule.held!.digest!, at: now, by, reason: "approved" },
      rejected: null,
      asked: { dueAt: now, by, why: "approved" },
    };
  });
}

/** Drops the held plan of this digest. The schedule goes on, and holds again what trips a limit. */
export async function rejectSchedule(
  store: ScheduleStore,
  name: string,
  digest: string,
  { by, now }: Asking,
): Promise<Schedule> {
  return await changeSchedule(store, name, (schedule) => {
    assertHeldWith(schedule, digest);
    return {
      ...schedule,
      held: null,
      approved: null,
      rejected: { digest: schedule.held!.digest!, at: now, by, reason: "rejected" },
      asked: schedule.asked?.why === "approved" ? null : schedule.asked,
    };
  });
}

/** Removes a schedule with its occasions and what it knows. A run that is at work goes on. */
export async function removeSchedule(store: ScheduleStore, name: string): Promise<void> {
  if (!(await store.remove(name))) await findSchedule(store, name);
}

function assertNotAsked({ name, asked }: Schedule): void {
  if (asked === null) return;
  throw new ScheduleError(
    "already_asked",
    `${asked.by} asked for an occasion of ${name} already, and it has not begun yet`,
    { schedule: name },
  );
}

/** The beginning of a digest is enough, as long as a commit's. */
const SHORTEST_DIGEST = 12;

function assertHeldWith({ name, held }: Schedule, digest: string): void {
  const facts = { schedule: name };
  if (held === null) throw new ScheduleError("not_held", `schedule ${name} is not held`, facts);
  if (held.digest === null) {
    throw new ScheduleError(
      "no_plan",
      `there is no plan of ${name} on which somebody could decide, since its list can't be planned: ${held.message}`,
      facts,
    );
  }
  if (digest.length >= SHORTEST_DIGEST && held.digest.startsWith(digest.toLowerCase())) return;
  throw new ScheduleError(
    "digest_changed",
    `the plan that is held has the digest ${held.digest}, found ${digest}: it is not (or no longer) that plan`,
    facts,
  );
}
