import { RUNS } from "./steps/1-runs.ts";
import { SCHEDULES } from "./steps/2-schedules.ts";
import { FENCES } from "./steps/3-fences.ts";
import { WORKER_ACCOUNTS } from "./steps/4-worker-accounts.ts";
import { ROW_MARKS } from "./steps/5-row-marks.ts";
import { TRAFFIC } from "./steps/6-traffic.ts";
import { LEDGER } from "./steps/7-ledger.ts";
import { CHANGES } from "./steps/8-changes.ts";
import { RECORD_AT_ONCE } from "./steps/9-record-at-once.ts";
import { SCHEDULE_CHANGES } from "./steps/10-schedule-changes.ts";

/** A step of the schema `bulkpatch`. Steps that were released are never changed; new ones are added at the end. */
export interface Migration {
  version: number;
  sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: RUNS },
  { version: 2, sql: SCHEDULES },
  { version: 3, sql: FENCES },
  { version: 4, sql: WORKER_ACCOUNTS },
  { version: 5, sql: ROW_MARKS },
  { version: 6, sql: TRAFFIC },
  { version: 7, sql: LEDGER },
  { version: 8, sql: CHANGES },
  { version: 9, sql: RECORD_AT_ONCE },
  { version: 10, sql: SCHEDULE_CHANGES },
];

/** The version that this bulkpatch works with. */
export const latestVersion = Math.max(...MIGRATIONS.map((m) => m.version));
