import type { Registry } from "../registry/open-registry.ts";
import type { Notifier } from "./notify/notifier.ts";
import type { ScheduleHome } from "./schedule-home.ts";

/** Who keeps schedules: one process, with all that a reconciliation needs of the world. */
export interface Keeper {
  home: ScheduleHome;
  /** Only schedules of its account are kept. */
  registry: Registry;
  /** `user@host`. */
  by: string;
  /** This machine, as schedules name where their file lies. */
  host: string;
  /** This process, from `ownerName`. */
  owner: string;
  /** Absolute; copies of https sources. */
  copies: string;
  /** A value of the environment, by its name. */
  environment: (name: string) => string | undefined;
  /** Certificate authorities (PEM) to trust for https sources instead of the system's. */
  ca?: string;
  now: () => number;
  /** Stops a reconciliation that has not yet begun to send; another process takes it up. */
  signal?: AbortSignal;
  /** Tells those whom a schedule names. */
  notifier?: Pick<Notifier, "notify" | "heartbeat">;
  /** Told of what went wrong beside the reconciliation: the report, a notification, a schedule of a newer version. */
  onError?: (error: Error, schedule: string) => void;
}
