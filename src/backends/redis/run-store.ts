import { randomUUID } from "node:crypto";
import { RUN_STATES, type NewRun, type RequestCounts, type Run, type RunEvent, type RunState } from "../../runs/run.ts";
import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunStore } from "../../runs/run-store.ts";
import { isOver } from "../../runs/states.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";
import { decodeRun, encodeRun } from "./run-hash.ts";

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
    { fence }: { fence?: Fence | undefined } = {},
  ): Promise<Run | null> {
    const facts = [to, reason ?? "", isOver(to) ? event.at : "", JSON.stringify(event), randomUUID()];
    const fields = await this.#commands.script<string[] | null | -1>(
      "move",
      [keys.run(id), keys.inState(to), keys.lease(fence?.lease ?? ""), ...from.map(keys.inState)],
      [id, ...facts, fence?.token ?? "", ...from],
    );
    if (fields === -1) throw new LeaseLostError(fence!);
    return fields === null ? null : decodeRun(pairsOf(fields));
  }

  async setReportDir(id: string, dir: string): Promise<void> {
    await this.#commands.script("set", [keys.run(id)], ["reportDir", dir]);
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

  async remove(id: string): Promise<void> {
    const states = RUN_STATES.map(keys.inState);
    await this.#commands.script("remove", [keys.run(id), keys.rows(id), keys.streak(id), keys.runs, ...states], [id]);
  }
}

function pairsOf(fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i], fields[2 * i + 1]]));
}
