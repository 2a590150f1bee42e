import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunRow } from "../../runs/run.ts";
import type { RecordedResult, RowStore } from "../../runs/row-store.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** Rows read in one step. */
const ROWS = 500;
/** Positions looked at in one step: Redis does nothing else for about a millisecond. */
const POSITIONS = 1_000;

/** The rows of runs in Redis. Every call that writes is one script. */
export class RedisRowStore implements RowStore {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async stage(id: string, rows: readonly RunRow[], { fence }: { fence?: Fence | undefined } = {}): Promise<void> {
    if (rows.length === 0) return;
    const kept = await this.#commands.script<number>(
      "stage",
      [keys.run(id), keys.rows(id), keys.lease(fence?.lease ?? "")],
      [fence?.token ?? "", ...rows.flatMap((row) => [row.n, encodeRow(row), row.result?.outcome ?? ""])],
    );
    if (kept === -2) throw new LeaseLostError(fence!);
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

  async get(id: string, n: number): Promise<RunRow | null> {
    const value = await this.#commands.send((redis) => redis.hget(keys.rows(id), String(n)));
    return value === null ? null : decodeValue(n, value);
  }

  async *all(id: string, from = 0): AsyncIterable<RunRow> {
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
