import type { ScheduleHome } from "../../schedules/schedule-home.ts";
import { SqlLeases } from "./leases.ts";
import { SqlPresence } from "./presence.ts";
import { SqlRowStore } from "./row-store.ts";
import { SqlRunStore } from "./run-store.ts";
import { SqlScheduleStore } from "./schedule-store.ts";
import type { Sql } from "./sql.ts";
import { SqlTraffic } from "./traffic.ts";

/** All that is kept of runs and schedules, in PostgreSQL or PGlite. */
export function sqlStores(sql: Sql): Omit<ScheduleHome, "address" | "evicts" | "queue"> {
  return {
    runs: new SqlRunStore(sql),
    rows: new SqlRowStore(sql),
    leases: new SqlLeases(sql),
    presence: new SqlPresence(sql),
    traffic: new SqlTraffic(sql),
    schedules: new SqlScheduleStore(sql),
  };
}
