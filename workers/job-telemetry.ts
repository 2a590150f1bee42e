import type { Telemetry } from "bullmq";

let telemetry: Telemetry | null = null;

/** From now on BullMQ tells of the jobs that this process takes up; null: nobody, as at first. */
export function traceJobsWith(chosen: Telemetry | null): void {
  telemetry = chosen;
}

/** For the options of a BullMQ worker. */
export function jobTelemetry(): { telemetry?: Telemetry } {
  return telemetry === null ? {} : { telemetry };
}
