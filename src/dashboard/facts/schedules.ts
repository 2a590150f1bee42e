import { type Occasion, decodeOccasion } from "../../schedules/occasion.ts";
import { findSchedule, ITSELF, type Schedule, tryToDecode } from "../../schedules/schedule.ts";
import type { ScheduleHome } from "../../schedules/schedule-home.ts";
import { ScheduleError } from "../../schedules/schedule-error.ts";
import type { Desk } from "../desk.ts";
import type { Attention } from "./attention.ts";

export interface ScheduleFact {
  schedule: Schedule;
  /** The newest occasion. */
  last: Occasion | null;
  /** When it last ended with list and registry agreeing, epoch milliseconds; null: none did yet. */
  lastSuccessAt: number | null;
  /** The newest occasion that came as far as a plan; null: none of its newest did. */
  lastPlanned: Occasion | null;
}

/** Occasions among which the last plan is looked for. */
const LOOKED_THROUGH = 50;

/** Every schedule of the account that this version can read, by name. */
export async function allSchedules({ backend, registry }: Desk): Promise<ScheduleFact[]> {
  const isOwn = ({ settings }: Schedule): boolean => settings.accountId === registry.api.accountId;
  const read = (await backend.schedules.list()).map(tryToDecode);
  const own = read.filter((one): one is Schedule => !(one instanceof ScheduleError) && isOwn(one));
  return await Promise.all(own.map((schedule) => factOf(backend, schedule)));
}

/** What is to be said of those that this version can't read; they are kept by whoever can. */
export async function newerSchedules({ backend, now }: Desk): Promise<Attention[]> {
  const errors = (await backend.schedules.list()).map(tryToDecode).filter((one) => one instanceof ScheduleError);
  return errors.map(({ code, message, facts }) => ({
    kind: "schedule",
    id: facts.schedule,
    code,
    message: `${message}: update bulkpatch where this dashboard runs`,
    reason: null,
    since: now(),
  }));
}

/** Throws ScheduleError `schedule_not_found`, `schedule_newer`. */
export async function oneSchedule({ backend }: Desk, name: string): Promise<ScheduleFact> {
  return await factOf(backend, (await findSchedule(backend.schedules, name)).schedule);
}

async function factOf({ schedules }: Pick<ScheduleHome, "schedules">, schedule: Schedule): Promise<ScheduleFact> {
  const occasions = (await schedules.occasions(schedule.name, LOOKED_THROUGH)).map(decodeOccasion);
  return {
    schedule,
    last: occasions[0] ?? null,
    lastSuccessAt: schedule.lastSuccessAt ?? null,
    lastPlanned: occasions.find(({ counts }) => counts !== null) ?? null,
  };
}

/** What a schedule needs of somebody; null where it needs nothing. */
export function scheduleAttention({ schedule, last }: ScheduleFact): Attention | null {
  const { name, held, paused } = schedule;
  if (paused?.by === ITSELF) {
    const message = `Schedule ${name} has paused by itself: ${paused.reason}`;
    return { kind: "schedule", id: name, code: "paused_by_itself", message, reason: null, since: paused.at };
  }
  if (paused !== null) return null;
  if (held !== null) {
    const message = `Schedule ${name} is held: ${held.message}`;
    return { kind: "schedule", id: name, code: "held", message, reason: null, since: held.since };
  }
  if (last?.state !== "failed") return null;
  const message = `Schedule ${name} failed${last.message === null ? "" : `: ${last.message}`}`;
  return { kind: "schedule", id: name, code: "failed", message, reason: null, since: last.dueAt };
}
