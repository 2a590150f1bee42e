import type { Leases } from "../../runs/leases.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** Leases in Redis; each goes by itself when its time is over. */
export class RedisLeases implements Leases {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async take(name: string, owner: string, ttlMs: number): Promise<number | null> {
    return this.#commands.script("takeLease", [keys.lease(name), keys.fences], [owner, Math.ceil(ttlMs)]);
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#commands.script("releaseLease", [keys.lease(name)], [owner]);
  }

  async owner(name: string): Promise<string | null> {
    return this.#commands.script("leaseOwner", [keys.lease(name)]);
  }
}
