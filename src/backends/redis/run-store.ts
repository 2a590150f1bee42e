import { randomUUID } from "node:crypto";
import { RUN_STATES, type NewRun, type RequestCounts, type Run, type RunEvent, type RunState } from "../../runs/run.ts";
import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { AccountTraffic, RunFilter, RunPage, RunStore } from "../../runs/run-store.ts";
import { OUTCOMES } from "../../runs/outcome.ts";
import { pageOfRuns, type RunHead, textsOf } from "../page-of-runs.ts";
import { ALL_CODE_MARKS } from "../row-groups.ts";
import { isOver } from "../../runs/states.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";
import { decodeRun, encodeRun } from "./run-hash.ts";
import { hoursOfRun, requestArguments } from "./traffic.ts";

/** Runs looked at in one step. */
const HEADS = 500;

/** The record of runs in Redis. Every call that writes is one script. */
export class RedisRunStore implements RunStore {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async create(run: NewRun, event: RunEvent): Promise<void> {
    const created = await this.#commands.script<number>(
      "create",
      [keys.run(run.id), keys.runs, keys.inState(run.state), keys.changes],
      [run.id, run.createdAt, randomUUID(), ...encodeRun(run, event)],
    );
    if (created === 0) throw new Error(`There is a run ${run.id} already`);
  }

  async get(id: string): Promise<Run | null> {
    return decodeRun(await this.#commands.send((redis) => redis.hgetall(keys.run(id))));
  }

  async list(limit: number): Promise<Run[]> {
    const ids = await this.#commands.send((redis) => redis.zrevrange(keys.runs, 0, limit - 1));
    return this.#getAll(ids);
  }

  async page(filter: RunFilter): Promise<RunPage> {
    return pageOfRuns(this.#heads(filter), (ids) => this.#getAll(ids), filter);
  }

  async #getAll(ids: readonly string[]): Promise<Run[]> {
    const runs = await Promise.all(ids.map((id) => this.get(id)));
    return runs.filter((run) => run !== null);
  }

  async *#heads({ states, from = -Infinity, to = Infinity, after }: RunFilter): AsyncIterable<RunHead> {
    const wanted = states?.length ? new Set((await this.inStates(states)).map(({ id }) => id)) : null;
    const [, afterAt = "", afterId = ""] = /^(\S+) (.+)$/.exec(after ?? "") ?? [];
    const newest = after !== undefined && Number(afterAt) < to ? afterAt : `(${to === Infinity ? "+inf" : to}`;
    const oldest = from === -Infinity ? "-inf" : from;
    for (let offset = 0; ; offset += HEADS) {
      const found = await this.#commands.send((redis) =>
        redis.zrevrangebyscore(keys.runs, newest, oldest, "WITHSCORES", "LIMIT", offset, HEADS),
      );
      const heads = Array.from({ length: found.length / 2 }, (_, i) => ({ id: found[2 * i]!, at: found[2 * i + 1]! }));
      // Runs of the same instant come in order of their ids, the last first.
      const fitting = heads.filter(
        ({ id, at }) => (wanted?.has(id) ?? true) && !(Number(at) === Number(afterAt || NaN) && id >= afterId),
      );
      const hashes = await this.#commands.send((redis) =>
        Promise.all(fitting.map(({ id }) => redis.hmget(keys.run(id), "name", "source", "events"))),
      );
      for (const [i, { id, at }] of fitting.entries()) {
        const [name, source, events] = hashes[i]!;
        const facts = { id, name: name ?? "", source: JSON.parse(source ?? "{}"), events: JSON.parse(events ?? "[]") };
        yield { id, texts: textsOf(facts), cursor: `${at} ${id}` };
      }
      if (heads.length < HEADS) return;
    }
  }

  async inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]> {
    const ids = await this.#commands.script<string[][]>("inStates", states.map(keys.inState));
    return states.flatMap((state, i) => (ids[i] ?? []).map((id) => ({ id, state })));
  }

  async changes(): Promise<number> {
    return Number(await this.#commands.send((redis) => redis.get(keys.changes)));
  }

  async move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
    { fence }: { fence?: Fence | undefined } = {},
  ): Promise<Run | null> {
    const facts = [to, reason ?? "", isOver(to) ? event.at : "", JSON.stringify(event), randomUUID()];
    const fields = await this.#commands.script<string[] | null | -1>(
      "move",
      [keys.run(id), keys.inState(to), keys.lease(fence?.lease ?? ""), keys.changes, ...from.map(keys.inState)],
      [id, ...facts, fence?.token ?? "", ...from],
    );
    if (fields === -1) throw new LeaseLostError(fence!);
    return fields === null ? null : decodeRun(pairsOf(fields));
  }

  async setReportDir(id: string, dir: string): Promise<void> {
    await this.#commands.script("set", [keys.run(id)], ["reportDir", dir]);
  }

  async addRequests(id: string, counts: Partial<RequestCounts>, traffic?: AccountTraffic): Promise<void> {
    const { hours, args } = requestArguments(id, { counts, ...(traffic && { traffic }) }, 2);
    if (args.length > 0) await this.#commands.script("addRequests", [keys.run(id), ...hours], args);
  }

  async streak(id: string, key: string | null): Promise<number> {
    if (key !== null) return this.#commands.script("streak", [keys.run(id), keys.streak(id)], [key]);
    await this.#commands.send((redis) => redis.del(keys.streak(id)));
    return 0;
  }

  async remove(id: string): Promise<void> {
    const states = RUN_STATES.map(keys.inState);
    const marks = [...OUTCOMES, ...ALL_CODE_MARKS].map((mark) => keys.mark(id, mark));
    const own = [keys.run(id), keys.rows(id), keys.causes(id), keys.streak(id), ...marks, ...hoursOfRun(id)];
    await this.#commands.script("remove", [keys.runs, keys.changes, ...states, ...own], [id, states.length]);
  }
}

function pairsOf(fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i], fields[2 * i + 1]]));
}
