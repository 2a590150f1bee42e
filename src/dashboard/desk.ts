import type { Backend } from "../backends/backend.ts";
import type { Rate } from "../rate.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { AccessLog } from "./access-log.ts";
import type { Door } from "./access/door.ts";

/** What the routes work with. */
export interface Desk {
  backend: Backend;
  registry: Registry;
  /** As in the settings. */
  rate: Rate;
  door: Door;
  log: AccessLog;
  /** Epoch milliseconds. */
  now: () => number;
}
