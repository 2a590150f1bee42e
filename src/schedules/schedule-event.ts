import type { Occasion } from "./occasion.ts";
import type { Schedule } from "./schedule.ts";

/**
 * What is told of schedules. `held`: nothing is sent until somebody decides; told once, and again when the reason changes.
 * `recovered`: the first good occasion after failed or held ones. `failed`: each failed occasion; `schedule.failures` counts them.
 */
export type ScheduleEventKind = "held" | "failed" | "done" | "drift" | "recovered";

export interface ScheduleEvent {
  kind: ScheduleEventKind;
  /** As it is afterwards. */
  schedule: Schedule;
  occasion: Occasion;
}

/** The events of an occasion that has ended; `before` is the schedule as it was until then. */
export function eventsOf(before: Schedule, after: Schedule, occasion: Occasion): ScheduleEvent[] {
  const tell = (kind: ScheduleEventKind): ScheduleEvent => ({ kind, schedule: after, occasion });
  switch (occasion.state) {
    case "held":
      if (before.held?.reason === after.held?.reason) return [];
      return before.rejected !== null && before.rejected.digest === occasion.digest ? [] : [tell("held")];
    case "failed":
      return [tell("failed")];
    case "done":
    case "drift":
    case "in_sync": {
      const recovered = before.failures > 0 || before.held !== null ? [tell("recovered")] : [];
      return occasion.state === "in_sync" ? recovered : [...recovered, tell(occasion.state)];
    }
    case "running":
    case "skipped":
    case "expired":
      return [];
  }
}
