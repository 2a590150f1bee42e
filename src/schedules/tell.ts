import type { Keeper } from "./keeper.ts";
import type { Occasion } from "./occasion.ts";
import type { Schedule } from "./schedule.ts";
import { eventsOf } from "./schedule-event.ts";

/** Tells those who want to hear of it what came of an occasion. That they can't be told is no failure of the occasion. */
export async function tell(
  { notify, onError }: Keeper,
  before: Schedule,
  after: Schedule,
  occasion: Occasion,
): Promise<void> {
  for (const event of eventsOf(before, after, occasion)) {
    await notify?.(event).catch((error: Error) => onError?.(error, after.name));
  }
}
