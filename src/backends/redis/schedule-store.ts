import { randomUUID } from "node:crypto";
import type {
  KeptOccasion,
  KeptSchedule,
  OccasionState,
  ScheduleStep,
  ScheduleStore,
  StepAnswer,
} from "../../schedules/schedule-store.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** Known entries that are written in one step: Redis does nothing else meanwhile. */
const ENTRIES = 1_000;

/** Schedules in Redis. Every call that writes is one script. */
export class RedisScheduleStore implements ScheduleStore {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async create(name: string, document: string): Promise<boolean> {
    const args = [name, document, randomUUID()];
    const kept = [keys.schedule(name), keys.schedules, keys.changes];
    return (await this.#commands.script<number>("scheduleCreate", kept, args)) === 1;
  }

  async get(name: string): Promise<KeptSchedule | null> {
    const [version, document] = await this.#commands.send((redis) =>
      redis.hmget(keys.schedule(name), "version", "document"),
    );
    return document == null ? null : { name, version: Number(version), document };
  }

  async list(): Promise<KeptSchedule[]> {
    const names = await this.#commands.send((redis) => redis.smembers(keys.schedules));
    const kept = await Promise.all(names.toSorted().map((name) => this.get(name)));
    return kept.filter((one) => one !== null);
  }

  async step({ name, version, document, accountId, add = [], change }: ScheduleStep): Promise<StepAnswer> {
    return await this.#commands.script<StepAnswer>(
      "scheduleStep",
      [keys.schedule(name), keys.occasions(name), keys.due(name), keys.reconciling, keys.changes],
      [
        name,
        version,
        randomUUID(),
        document,
        accountId,
        change?.dueAt ?? "",
        change?.version ?? "",
        change?.state ?? "",
        change?.document ?? "",
        ...add.flatMap((occasion) => [occasion.dueAt, occasion.state, occasion.document]),
      ],
    );
  }

  async remove(name: string): Promise<boolean> {
    const own = [keys.schedule(name), keys.occasions(name), keys.due(name), keys.knownEntries(name)];
    const shared = [keys.schedules, keys.reconciling, keys.changes];
    return (await this.#commands.script<number>("scheduleRemove", [...own, ...shared], [name])) === 1;
  }

  async occasion(schedule: string, dueAt: number): Promise<KeptOccasion | null> {
    return (await this.#read(schedule, [String(dueAt)]))[0] ?? null;
  }

  async occasions(schedule: string, limit: number, before?: number): Promise<KeptOccasion[]> {
    const highest = before === undefined ? "+inf" : `(${before}`;
    const due = await this.#commands.send((redis) =>
      redis.zrevrangebyscore(keys.due(schedule), highest, "-inf", "LIMIT", 0, limit),
    );
    return await this.#read(schedule, due);
  }

  async running(): Promise<KeptOccasion[]> {
    const places = await this.#commands.send((redis) => redis.hvals(keys.reconciling));
    const found = await Promise.all(
      places.map((place) => {
        const [schedule, dueAt] = place.split("\n") as [string, string];
        return this.occasion(schedule, Number(dueAt));
      }),
    );
    return found
      .filter((occasion) => occasion !== null)
      .toSorted((a, b) => a.dueAt - b.dueAt || (a.schedule < b.schedule ? -1 : 1));
  }

  async removeOccasionsBefore(schedule: string, time: number): Promise<number> {
    return await this.#commands.script("occasionsRemove", [keys.occasions(schedule), keys.due(schedule)], [time]);
  }

  async knownEntries(schedule: string): Promise<Map<string, string>> {
    return new Map(Object.entries(await this.#commands.send((redis) => redis.hgetall(keys.knownEntries(schedule)))));
  }

  async keepEntries(schedule: string, entries: readonly (readonly [string, string | null])[]): Promise<void> {
    for (let from = 0; from < entries.length; from += ENTRIES) {
      const some = entries.slice(from, from + ENTRIES);
      await this.#commands.script(
        "entriesKeep",
        [keys.schedule(schedule), keys.knownEntries(schedule)],
        some.flatMap(([id, document]) => [id, document ?? ""]),
      );
    }
  }

  async #read(schedule: string, due: readonly string[]): Promise<KeptOccasion[]> {
    if (due.length === 0) return [];
    const texts = await this.#commands.send((redis) => redis.hmget(keys.occasions(schedule), ...due));
    return texts.flatMap((text, i) => (text === null ? [] : [decode(schedule, Number(due[i]), text)]));
  }
}

function decode(schedule: string, dueAt: number, text: string): KeptOccasion {
  const [state, version, accountId, ...document] = text.split("\n") as [OccasionState, string, string, ...string[]];
  return { schedule, dueAt, accountId, state, version: Number(version), document: document.join("\n") };
}
