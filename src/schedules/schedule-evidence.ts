import { snakeKeys } from "../report/snake-keys.ts";
import { decodeOccasion, type Occasion } from "./occasion.ts";
import { maskAddress } from "./notify/notify-address.ts";
import { ScheduleError } from "./schedule-error.ts";
import { type ScheduleSettings, stateOf, tryToDecode } from "./schedule.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import { occasionSummary, shownSource } from "./view.ts";

/** Occasions that are read in one step. */
const PAGE = 500;

/** Every occasion due in a period, schedule by schedule, the newest first, as evidence tells it. */
export async function* occasionsOfPeriod(store: ScheduleStore, from: number, to: number): AsyncGenerator<object> {
  for (const { name } of await store.list()) {
    for await (const occasion of occasionsOf(store, name, to)) {
      if (occasion.dueAt < from) break;
      yield occasionSummary(occasion);
    }
  }
}

/** Schedules as they stand, with what was decided about each and by whom. */
export async function* schedulesAsEvidence(store: ScheduleStore): AsyncGenerator<object> {
  for (const kept of await store.list()) {
    const schedule = tryToDecode(kept);
    if (schedule instanceof ScheduleError) {
      yield { name: kept.name, not_read: schedule.message };
      continue;
    }
    yield {
      name: schedule.name,
      state: stateOf(schedule),
      created_at: time(schedule.createdAt),
      created_by: schedule.createdBy,
      settings: snakeKeys(withoutSecrets(schedule.settings)),
      paused: decision(schedule.paused),
      held: schedule.held && { ...schedule.held, since: time(schedule.held.since) },
      approved: decision(schedule.approved),
      rejected: decision(schedule.rejected),
      accepted_differences: schedule.acceptedDifferences.map(({ fields, entryId, ...one }) => ({
        ...one,
        impersonation_registry_id: entryId,
        fields,
        at: time(one.at),
        until: time(one.until),
      })),
    };
  }
}

/** The occasion that a run was part of; null where it was part of none. */
export async function occasionOfRun(store: ScheduleStore, runId: string, createdAt: number): Promise<Occasion | null> {
  for (const { name } of await store.list()) {
    for await (const occasion of occasionsOf(store, name, createdAt + 1)) {
      if (occasion.run === runId) return occasion;
    }
  }
  return null;
}

/** Addresses that may hold a key are shown without it. */
function withoutSecrets(settings: ScheduleSettings): object {
  const { source, notify } = settings;
  return {
    ...settings,
    source: { ...source, address: shownSource(source.address) },
    notify: notify && {
      ...notify,
      addresses: notify.addresses.map(maskAddress),
      heartbeat: notify.heartbeat === null ? null : maskAddress(notify.heartbeat),
    },
  };
}

async function* occasionsOf(store: ScheduleStore, name: string, before: number): AsyncGenerator<Occasion> {
  for (let next: number | null = before; next !== null;) {
    const page = await store.occasions(name, PAGE, next);
    yield* page.map(decodeOccasion);
    next = page.length < PAGE ? null : page.at(-1)!.dueAt;
  }
}

function decision<D extends { at: number }>(one: D | null): object | null {
  return one && { ...one, at: time(one.at) };
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
