import type { Redis } from "ioredis";
import type { OutageRetry } from "../outage-retry.ts";
import { withoutArguments } from "./errors.ts";
import { SCRIPTS, type ScriptName } from "./scripts.ts";

/** Redis as the run store and the budget use it: a script or a command is one round trip, and is repeated when the connection breaks. */
export class RedisCommands {
  readonly #redis: Redis;
  readonly #outageRetry: OutageRetry;

  constructor(redis: Redis, outageRetry: OutageRetry) {
    this.#redis = redis;
    this.#outageRetry = outageRetry;
    for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(commandOf(name), { lua });
  }

  /** `argsAgain`: where the call is repeated because its answer was lost, and might do something twice. */
  async script<Answer>(
    name: ScriptName,
    keys: readonly string[],
    args: readonly (string | number)[] = [],
    argsAgain = args,
  ): Promise<Answer> {
    let next = args;
    const commands = this.#redis as unknown as Record<string, (...args: unknown[]) => Promise<Answer>>;
    // Nested, not spread: a batch of rows may be more arguments than a call can take.
    return this.send(() => {
      const now = next;
      next = argsAgain;
      return commands[commandOf(name)]!(keys.length, [...keys], [...now]);
    });
  }

  async send<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const call = async (): Promise<Answer> => {
      try {
        return await command(this.#redis);
      } catch (error) {
        throw withoutArguments(error);
      }
    };
    return this.#outageRetry.call(call);
  }
}

function commandOf(script: string): string {
  return `bulkpatch_${script}`;
}
