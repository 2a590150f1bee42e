import type { Backend } from "../backends/backend.ts";
import type { Rate } from "../rate.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { AccessLog } from "./access-log.ts";
import type { KeptPlans } from "./plans/kept-plans.ts";
import type { Door } from "./access/door.ts";

/** What the routes work with. */
export interface Desk {
  backend: Backend;
  registry: Registry;
  /** As in the settings. */
  rate: Rate;
  door: Door;
  log: AccessLog;
  /** Made from uploads; they wait here to be started. */
  plans: KeptPlans;
  mostUploadBytes: number;
  /** Epoch milliseconds. */
  now: () => number;
}
