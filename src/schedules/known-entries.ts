import type { KnownEntry } from "./drift.ts";
import type { ScheduleStore } from "./schedule-store.ts";

/** What a schedule last applied and saw, by the entry's id. */
export async function knownEntries(store: ScheduleStore, schedule: string): Promise<Map<string, KnownEntry>> {
  const kept = await store.knownEntries(schedule);
  return new Map([...kept].map(([id, document]) => [id, JSON.parse(document) as KnownEntry]));
}
