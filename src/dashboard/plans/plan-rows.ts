import { type FileHandle, open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import type { RunRow } from "../../runs/run.ts";

/** Characters that are gathered for one write, bytes for one read. */
const PIECE = 64 * 1024;
/** Every so many rows, it is known where in the file they begin. */
const MARK_EVERY = 500;

/**
 * The decided rows of a plan on disk, one JSON line each: a plan that waits to be looked at and started holds neither them nor
 * the registry in memory.
 */
export class PlanRows {
  readonly #file: FileHandle;
  /** Where rows 0, 500, 1000 … begin. */
  readonly #marks: number[];

  private constructor(file: FileHandle, marks: number[]) {
    this.#file = file;
    this.#marks = marks;
  }

  static async write(path: string, rows: AsyncIterable<RunRow>): Promise<PlanRows> {
    const file = await open(path, "wx+", 0o600);
    try {
      const marks: number[] = [];
      let count = 0;
      let written = 0;
      let pending = "";
      for await (const row of rows) {
        if (count % MARK_EVERY === 0) marks.push(written + Buffer.byteLength(pending));
        count += 1;
        pending += `${JSON.stringify(row)}\n`;
        if (pending.length < PIECE) continue;
        written += Buffer.byteLength(pending);
        await file.writeFile(pending);
        pending = "";
      }
      await file.writeFile(pending);
      return new PlanRows(file, marks);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** From the row at this position on, in their order. May be called several times at once. */
  async *read(from = 0): AsyncGenerator<RunRow> {
    const mark = Math.min(Math.floor(from / MARK_EVERY), this.#marks.length - 1);
    if (mark < 0) return;
    const buffer = Buffer.allocUnsafe(PIECE);
    const decoder = new StringDecoder("utf8");
    let position = this.#marks[mark]!;
    let rest = "";
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const row = JSON.parse(line) as RunRow;
        if (row.n >= from) yield row;
      }
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
