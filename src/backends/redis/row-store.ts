import { RunError } from "../../runs/run-error.ts";
import { LeaseLostError, type Fence } from "../../runs/leases.ts";
import type { RunRow } from "../../runs/run.ts";
import type {
  CauseCount,
  CountedRequests,
  RecordedResult,
  RowFilter,
  RowPage,
  RowStore,
} from "../../runs/row-store.ts";
import { allRows, pageOfRows, type KeptRow, type RowReader } from "../page-of-rows.ts";
import { decodeCauses, type EndedRow, groupRows, MOST_CAUSES } from "../row-groups.ts";
import { decodeRow, encodeEnded, encodeGiven } from "../row-codec.ts";
import type { RedisCommands } from "./commands.ts";
import { keys } from "./keys.ts";
import { requestArguments } from "./traffic.ts";

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
    const { marks, head, body } = argumentsOf(id, rows, rows.map(encodeRow));
    const kept = await this.#commands.script<number>(
      "stage",
      [keys.run(id), keys.rows(id), keys.causes(id), keys.lease(fence?.lease ?? ""), ...marks],
      [fence?.token ?? "", ...head, ...body],
    );
    if (kept === -2) throw new LeaseLostError(fence!);
    if (kept === -1) throw new RunError("run_not_found", `There is no run ${id}`, { run: id });
  }

  async record(
    id: string,
    results: readonly RecordedResult[],
    requests: CountedRequests | null = null,
  ): Promise<number> {
    if (results.length === 0 && requests === null) return 0;
    const { marks, head, body } = argumentsOf(id, results, results.map(encodeEnded));
    const names = [keys.run(id), keys.rows(id), keys.causes(id), keys.lease(""), ...marks];
    const { hours, args } = requestArguments(id, requests, names.length + 1);
    return this.#commands.script("record", [...names, ...hours], [results.length, ...head, ...body, ...args]);
  }

  async get(id: string, n: number): Promise<RunRow | null> {
    const value = await this.#commands.send((redis) => redis.hget(keys.rows(id), String(n)));
    if (value === null) return null;
    const { given, ended } = splitValue(n, value);
    return decodeRow(n, given, ended);
  }

  async outstandingIn(id: string, from: number, to: number): Promise<RunRow[]> {
    const positions = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
    const kept = await this.#at(id, positions);
    return kept.flatMap(({ n, given, ended }) => (ended === null ? [decodeRow(n, given, null)] : []));
  }

  all(id: string, from = 0): AsyncIterable<RunRow> {
    return allRows(this.#reader(id), from);
  }

  async page(id: string, filter: RowFilter): Promise<RowPage> {
    return pageOfRows(this.#reader(id), filter);
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

  #reader(id: string): RowReader {
    return {
      from: (n, limit) => this.#from(id, n, limit),
      at: (positions) => this.#at(id, positions),
      marked: (marks, n, limit) => this.#marked(id, marks, n, limit),
    };
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

/** What the scripts that write rows take, without the first of ARGV. */
function argumentsOf(
  id: string,
  rows: readonly (EndedRow & { n: number })[],
  values: readonly string[],
): { marks: string[]; head: (string | number)[]; body: (string | number)[] } {
  const { groups, places } = groupRows(rows);
  return {
    marks: groups.flatMap(({ outcome, codeMark }) => [keys.mark(id, outcome), keys.mark(id, codeMark ?? outcome)]),
    head: [
      groups.length,
      MOST_CAUSES,
      ...groups.flatMap(({ outcome, cause, rest, message }) => [outcome, cause, rest, message]),
    ],
    body: rows.flatMap(({ n }, i) => [n, values[i]!, places[i]!]),
  };
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
