import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunRow } from "../../runs/run.ts";
import type { RowResult } from "../../runs/outcome.ts";
import type { CauseCount, RecordedResult, RowFilter, RowPage, RowStore } from "../../runs/row-store.ts";
import { pageOfRows, type KeptRow, type RowReader } from "../page-of-rows.ts";
import { decodeCauses, groupRows, MOST_CAUSES } from "../row-groups.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";

/** Rows read in one step. */
const ROWS = 500;
/** Positions looked at in one step: Redis does nothing else for about a millisecond. */
const POSITIONS = 1_000;
/** Of a mark's bits, read in one step: some 130,000 rows. */
const MARK_BYTES = 16 * 1024;

/** The rows of runs in Redis. Every call that writes is one script. */
export class RedisRowStore implements RowStore {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async stage(id: string, rows: readonly RunRow[], { fence }: { fence?: Fence | undefined } = {}): Promise<void> {
    if (rows.length === 0) return;
    const kept = await this.#write(
      "stage",
      id,
      rows.map(({ n, result }) => ({ n, result })),
      rows.map(encodeRow),
      fence,
    );
    if (kept === -2) throw new LeaseLostError(fence!);
    if (kept === -1) throw new Error(`There is no run ${id}`);
  }

  async record(id: string, results: readonly RecordedResult[]): Promise<number> {
    if (results.length === 0) return 0;
    return this.#write("record", id, results, results.map(encodeEnded));
  }

  async #write(
    script: "stage" | "record",
    id: string,
    rows: readonly { n: number; result: RowResult | null }[],
    values: readonly string[],
    fence?: Fence,
  ): Promise<number> {
    const { groups, places } = groupRows(rows.map(({ result }) => result));
    const marks = groups.flatMap(({ outcome, codeMark }) => [
      keys.mark(id, outcome),
      keys.mark(id, codeMark ?? outcome),
    ]);
    return this.#commands.script(
      script,
      [keys.run(id), keys.rows(id), keys.causes(id), keys.lease(fence?.lease ?? ""), ...marks],
      [
        fence?.token ?? "",
        groups.length,
        MOST_CAUSES,
        ...groups.flatMap(({ outcome, cause, rest, message }) => [outcome, cause, rest, message]),
        ...rows.flatMap(({ n }, i) => [n, values[i]!, places[i]!]),
      ],
    );
  }

  async get(id: string, n: number): Promise<RunRow | null> {
    const value = await this.#commands.send((redis) => redis.hget(keys.rows(id), String(n)));
    if (value === null) return null;
    const { given, ended } = splitValue(n, value);
    return decodeRow(n, given, ended);
  }

  async *all(id: string, from = 0): AsyncIterable<RunRow> {
    for (let next = from; ;) {
      const kept = await this.#from(id, next, ROWS);
      for (const row of kept) yield decodeRow(row.n, row.given, row.ended);
      const last = kept.at(-1);
      if (last === undefined || kept.length < ROWS) return;
      next = last.n + 1;
    }
  }

  async page(id: string, filter: RowFilter): Promise<RowPage> {
    const reader: RowReader = {
      from: (n, limit) => this.#from(id, n, limit),
      at: (positions) => this.#at(id, positions),
      marked: (marks, n, limit) => this.#marked(id, marks, n, limit),
    };
    return pageOfRows(reader, filter);
  }

  async causes(id: string): Promise<CauseCount[]> {
    const fields = await this.#commands.send((redis) => redis.hgetall(keys.causes(id)));
    const counted = Object.entries(fields).filter(([cause]) => !cause.startsWith("m"));
    return decodeCauses(
      counted.map(([cause, rows]) => ({ cause, rows: Number(rows), message: fields[`m${cause}`] ?? "" })),
    );
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

  /** Rows from `n` on, up to so many; positions that hold none are passed over. */
  async #from(id: string, n: number, limit: number): Promise<KeptRow[]> {
    const kept: KeptRow[] = [];
    for (let next = n; kept.length < limit;) {
      const wanted = Array.from({ length: limit - kept.length }, (_, i) => next + i);
      const [end, found] = await Promise.all([
        this.#commands.send((redis) => redis.hget(keys.run(id), "#end")),
        this.#at(id, wanted),
      ]);
      kept.push(...found);
      next += wanted.length;
      if (next >= Number(end ?? 0)) break;
    }
    return kept;
  }

  async #at(id: string, positions: readonly number[]): Promise<KeptRow[]> {
    if (positions.length === 0) return [];
    const values = await this.#commands.send((redis) => redis.hmget(keys.rows(id), ...positions.map(String)));
    return values.flatMap((value, i) => (value === null ? [] : [splitValue(positions[i]!, value)]));
  }

  async #marked(id: string, marks: readonly string[], n: number, limit: number): Promise<number[]> {
    const positions: number[] = [];
    for (let byte = Math.floor(n / 8); ; byte += MARK_BYTES) {
      const bits = await this.#commands.send((redis) =>
        Promise.all(marks.map((mark) => redis.getrangeBuffer(keys.mark(id, mark), byte, byte + MARK_BYTES - 1))),
      );
      for (const position of positionsIn(bits)) {
        if (byte * 8 + position >= n) positions.push(byte * 8 + position);
        if (positions.length === limit) return positions;
      }
      if (bits.every(({ length }) => length < MARK_BYTES)) return positions;
    }
  }
}

/** A row's value: what the file said, and from the line feed on how it ended. */
function encodeRow(row: RunRow): string {
  const given = encodeGiven(row);
  return row.result === null ? given : `${given}\n${encodeEnded({ result: row.result })}`;
}

function splitValue(n: number, value: string): KeptRow {
  const end = value.indexOf("\n");
  return end < 0 ? { n, given: value, ended: null } : { n, given: value.slice(0, end), ended: value.slice(end + 1) };
}

/** Where a bit is set in one of these, in order; Redis counts from the highest bit of the first byte. */
function* positionsIn(bits: readonly Buffer[]): Generator<number> {
  const bytes = Math.max(0, ...bits.map(({ length }) => length));
  for (let at = 0; at < bytes; at += 1) {
    const byte = bits.reduce((set, buffer) => set | (buffer[at] ?? 0), 0);
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit += 1) if (byte & (128 >> bit)) yield at * 8 + bit;
  }
}
