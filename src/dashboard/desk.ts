import type { Backend } from "../backends/backend.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { Door } from "./access/door.ts";

/** What the routes work with. */
export interface Desk {
  backend: Backend;
  registry: Registry;
  door: Door;
  /** Epoch milliseconds. */
  now: () => number;
}
