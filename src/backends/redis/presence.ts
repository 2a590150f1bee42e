import type { Presence, WorkerInfo } from "../../runs/presence.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** Who is alive, in Redis. */
export class RedisPresence implements Presence {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void> {
    await this.#commands.script("heartbeat", keys.workers, [worker.id, JSON.stringify(worker), ttlMs]);
  }

  async retire(workerId: string): Promise<void> {
    const [ids, infos] = keys.workers;
    await this.#commands.send((redis) => Promise.all([redis.zrem(ids, workerId), redis.hdel(infos, workerId)]));
  }

  async list(): Promise<WorkerInfo[]> {
    const infos = await this.#commands.script<(string | null)[]>("workers", keys.workers);
    return infos
      .filter((info) => info !== null)
      .map((info) => JSON.parse(info) as WorkerInfo)
      .toSorted((a, b) => a.startedAt - b.startedAt || a.id.localeCompare(b.id));
  }
}
