import type { RunHome } from "../runs/run-home.ts";
import type { ScheduleStore } from "./schedule-store.ts";

/** Where schedules live, beside the runs that they start. A backend is one, with more besides. */
export interface ScheduleHome extends RunHome {
  schedules: ScheduleStore;
}
