import type { ScheduleHome } from "../../schedules/schedule-home.ts";
import type { RedisCommands } from "./commands.ts";
import { RedisLeases } from "./leases.ts";
import { RedisPresence } from "./presence.ts";
import { RedisRowStore } from "./row-store.ts";
import { RedisRunStore } from "./run-store.ts";
import { RedisTraffic } from "./traffic.ts";
import { RedisScheduleStore } from "./schedule-store.ts";

/** All that is kept of runs and schedules, in Redis. */
export function redisStores(commands: RedisCommands): Omit<ScheduleHome, "address" | "evicts" | "queue"> {
  return {
    runs: new RedisRunStore(commands),
    rows: new RedisRowStore(commands),
    leases: new RedisLeases(commands),
    presence: new RedisPresence(commands),
    traffic: new RedisTraffic(commands),
    schedules: new RedisScheduleStore(commands),
  };
}
