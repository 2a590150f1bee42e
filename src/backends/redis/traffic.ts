import type { CountedRequests } from "../../runs/row-store.ts";
import { KEPT_MS, MINUTE_MS, type Traffic, type TrafficCount } from "../../runs/traffic.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

const HOUR_MS = 60 * MINUTE_MS;
const HOURS = KEPT_MS / HOUR_MS + 1;
/** An hour's hash goes by itself when all its minutes are a day old. */
const HOUR_KEPT_S = (HOURS * HOUR_MS) / 1_000;

/** Requests by the minute, in Redis. */
export class RedisTraffic implements Traffic {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async since(of: { runId: string } | { accountId: string }, from: number): Promise<TrafficCount[]> {
    const scope = "runId" in of ? scopeOfRun(of.runId) : scopeOfAccount(of.accountId);
    const first = Math.max(hourOf(from), hourOf(Date.now()) - HOURS);
    const hours = Array.from({ length: Math.max(0, hourOf(Date.now()) + 2 - first) }, (_, i) =>
      keys.traffic(scope, first + i),
    );
    const found = await this.#commands.send((redis) => Promise.all(hours.map((hour) => redis.hgetall(hour))));
    return found
      .flatMap((fields) => Object.entries(fields).map(([field, requests]) => decode(field, Number(requests))))
      .filter(({ minute }) => minute >= Math.floor(from / MINUTE_MS) * MINUTE_MS)
      .toSorted((a, b) => a.minute - b.minute);
  }
}

/** What a script that counts requests takes: the hours, whose place among its KEYS begins with `firstKey`, and its arguments. */
export function requestArguments(
  runId: string,
  requests: (Pick<CountedRequests, "counts"> & Partial<CountedRequests>) | null,
  firstKey: number,
): { hours: string[]; args: (string | number)[] } {
  const hours: string[] = [];
  const counters = Object.entries(requests?.counts ?? {}).filter(([, count]) => count > 0);
  if (counters.length === 0) return { hours, args: [] };
  const traffic = requests?.traffic;
  const minutes = (traffic?.counts ?? []).flatMap(({ minute, kind, status, requests: count }) =>
    [scopeOfRun(runId), scopeOfAccount(traffic!.accountId)].flatMap((scope) => {
      const hour = keys.traffic(scope, hourOf(minute));
      if (!hours.includes(hour)) hours.push(hour);
      return [firstKey + hours.indexOf(hour), `${minute} ${kind} ${status}`, count];
    }),
  );
  const counts = counters.flatMap(([what, count]) => [`#requests.${what}`, count]);
  return { hours, args: [HOUR_KEPT_S, counters.length, ...counts, ...minutes] };
}

/** Where a run's requests may be counted still. */
export function hoursOfRun(runId: string): string[] {
  const last = hourOf(Date.now()) + 1;
  return Array.from({ length: HOURS + 1 }, (_, i) => keys.traffic(scopeOfRun(runId), last - i));
}

function decode(field: string, requests: number): TrafficCount {
  const [minute, kind, status] = field.split(" ") as [string, TrafficCount["kind"], TrafficCount["status"]];
  return { minute: Number(minute), kind, status, requests };
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

function scopeOfRun(id: string): string {
  return `run:${id}`;
}

function scopeOfAccount(id: string): string {
  return `account:${id}`;
}
