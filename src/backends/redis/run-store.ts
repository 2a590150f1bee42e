import { randomUUID } from "node:crypto";
import {
  RUN_STATES,
  type NewRun,
  type RequestCounts,
  type Run,
  type RunEvent,
  type RunRow,
  type RunState,
} from "../../runs/run.ts";
import type { RecordedResult, RunStore, WorkerInfo } from "../../runs/run-store.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import { isOver } from "../../runs/states.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";
import { decodeRun, encodeRun } from "./run-hash.ts";

/** Rows read in one step. */
const ROWS = 500;
/** Positions looked at in one step: Redis does nothing else for about a millisecond. */
const POSITIONS = 1_000;

/** The record of runs in Redis. Every call that writes is one script. */
export class RedisRunStore implements RunStore {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async create(run: NewRun, event: RunEvent): Promise<void> {
    const created = await this.#commands.script<number>(
      "create",
      [keys.run(run.id), keys.runs, keys.inState(run.state)],
      [run.id, run.createdAt, randomUUID(), ...encodeRun(run, event)],
    );
    if (created === 0) throw new Error(`There is a run ${run.id} already`);
  }

  async get(id: string): Promise<Run | null> {
    return decodeRun(await this.#commands.send((redis) => redis.hgetall(keys.run(id))));
  }

  async list(limit: number): Promise<Run[]> {
    const ids = await this.#commands.send((redis) => redis.zrevrange(keys.runs, 0, limit - 1));
    const runs = await Promise.all(ids.map((id) => this.get(id)));
    return runs.filter((run) => run !== null);
  }

  async inStates(states: readonly RunState[]): Promise<{ id: string; state: RunState }[]> {
    const ids = await this.#commands.script<string[][]>("inStates", states.map(keys.inState));
    return states.flatMap((state, i) => (ids[i] ?? []).map((id) => ({ id, state })));
  }

  async move(
    id: string,
    from: readonly RunState[],
    to: RunState,
    reason: string | null,
    event: RunEvent,
  ): Promise<Run | null> {
    const call = randomUUID();
    const fields = await this.#commands.script<string[] | null>(
      "move",
      [keys.run(id), keys.inState(to), ...from.map(keys.inState)],
      [id, to, reason ?? "", isOver(to) ? event.at : "", JSON.stringify(event), call, ...from],
    );
    return fields === null ? null : decodeRun(pairsOf(fields));
  }

  async setReportDir(id: string, dir: string): Promise<void> {
    await this.#commands.script("set", [keys.run(id)], ["reportDir", dir]);
  }

  async setSource(id: string, source: Run["source"]): Promise<void> {
    await this.#commands.script("set", [keys.run(id)], ["source", JSON.stringify(source)]);
  }

  async stage(id: string, rows: readonly RunRow[]): Promise<void> {
    if (rows.length === 0) return;
    const kept = await this.#commands.script<number>(
      "stage",
      [keys.run(id), keys.rows(id)],
      rows.flatMap((row) => [row.n, encodeRow(row), row.result?.outcome ?? ""]),
    );
    if (kept < 0) throw new Error(`There is no run ${id}`);
  }

  async record(id: string, results: readonly RecordedResult[]): Promise<number> {
    if (results.length === 0) return 0;
    return this.#commands.script(
      "record",
      [keys.run(id), keys.rows(id)],
      results.flatMap((r) => [r.n, encodeEnded(r), r.result.outcome]),
    );
  }

  async row(id: string, n: number): Promise<RunRow | null> {
    const value = await this.#commands.send((redis) => redis.hget(keys.rows(id), String(n)));
    return value === null ? null : decodeValue(n, value);
  }

  async *rows(id: string, from = 0): AsyncIterable<RunRow> {
    for (let next = from; ; next += ROWS) {
      const positions = Array.from({ length: ROWS }, (_, i) => next + i);
      const [end, values] = await this.#commands.send((redis) =>
        Promise.all([redis.hget(keys.run(id), "#end"), redis.hmget(keys.rows(id), ...positions.map(String))]),
      );
      for (const [i, value] of values.entries()) if (value !== null) yield decodeValue(next + i, value);
      if (next + ROWS >= Number(end ?? 0)) return;
    }
  }

  async *outstanding(id: string): AsyncIterable<number[]> {
    for (let next = 0; next >= 0;) {
      const answer = await this.#commands.script<number[]>(
        "outstanding",
        [keys.run(id), keys.rows(id)],
        [next, POSITIONS],
      );
      next = answer.pop() ?? -1;
      if (answer.length > 0) yield answer;
    }
  }

  async addRequests(id: string, counts: Partial<RequestCounts>): Promise<void> {
    const fields = Object.entries(counts).filter(([, count]) => count > 0);
    if (fields.length === 0) return;
    await this.#commands.script(
      "add",
      [keys.run(id)],
      fields.flatMap(([what, count]) => [`#requests.${what}`, count]),
    );
  }

  async streak(id: string, key: string | null): Promise<number> {
    if (key !== null) return this.#commands.script("streak", [keys.run(id), keys.streak(id)], [key]);
    await this.#commands.send((redis) => redis.del(keys.streak(id)));
    return 0;
  }

  async lease(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#commands.script<number>("lease", [keys.lease(name)], [owner, Math.ceil(ttlMs)])) === 1;
  }

  async releaseLease(name: string, owner: string): Promise<void> {
    await this.#commands.script("releaseLease", [keys.lease(name)], [owner]);
  }

  async leaseOwner(name: string): Promise<string | null> {
    return this.#commands.send((redis) => redis.get(keys.lease(name)));
  }

  async heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void> {
    await this.#commands.script("heartbeat", keys.workers, [worker.id, JSON.stringify(worker), ttlMs]);
  }

  async retire(workerId: string): Promise<void> {
    const [ids, infos] = keys.workers;
    await this.#commands.send((redis) => Promise.all([redis.zrem(ids, workerId), redis.hdel(infos, workerId)]));
  }

  async workers(): Promise<WorkerInfo[]> {
    const infos = await this.#commands.script<(string | null)[]>("workers", keys.workers);
    return infos
      .filter((info) => info !== null)
      .map((info) => JSON.parse(info) as WorkerInfo)
      .toSorted((a, b) => a.startedAt - b.startedAt || a.id.localeCompare(b.id));
  }

  async remove(id: string): Promise<void> {
    const states = RUN_STATES.map(keys.inState);
    await this.#commands.script("remove", [keys.run(id), keys.rows(id), keys.streak(id), keys.runs, ...states], [id]);
  }
}

/** A row's value: what the file said, and from the line feed on how it ended. */
function encodeRow(row: RunRow): string {
  const given = encodeGiven(row);
  return row.result === null ? given : `${given}\n${encodeEnded({ result: row.result })}`;
}

function decodeValue(n: number, value: string): RunRow {
  const end = value.indexOf("\n");
  return end < 0 ? decodeRow(n, value, null) : decodeRow(n, value.slice(0, end), value.slice(end + 1));
}

function pairsOf(fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i], fields[2 * i + 1]]));
}
