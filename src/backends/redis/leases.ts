import type { Leases } from "../../runs/leases.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

export class RedisLeases implements Leases {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async take(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#commands.script<number>("lease", [keys.lease(name)], [owner, Math.ceil(ttlMs)])) === 1;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#commands.script("releaseLease", [keys.lease(name)], [owner]);
  }

  async owner(name: string): Promise<string | null> {
    return this.#commands.send((redis) => redis.get(keys.lease(name)));
  }
}
