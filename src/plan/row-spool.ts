import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { SourceRow } from "../changes/change.ts";

/**
 * Checked rows on disk, so that a plan can go over them more than once while memory stays the same whatever their number.
 * A private temporary file (JSON lines), removed by `close`.
 */
export class RowSpool {
  readonly #dir: string;
  readonly rows: number;

  private constructor(dir: string, rows: number) {
    this.#dir = dir;
    this.rows = rows;
  }

  /** Writes all rows, showing each to `onRow` on the way. */
  static async write(source: AsyncIterable<SourceRow>, onRow: (row: SourceRow) => void): Promise<RowSpool> {
    const dir = await mkdtemp(join(tmpdir(), "bulkpatch-rows-"));
    const file = createWriteStream(join(dir, "rows.jsonl"), { mode: 0o600 });
    let rows = 0;
    try {
      for await (const row of source) {
        onRow(row);
        rows += 1;
        if (!file.write(`${toLine(row)}\n`)) await once(file, "drain");
      }
      file.end();
      await finished(file);
      return new RowSpool(dir, rows);
    } catch (error) {
      file.destroy();
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  async *read(): AsyncGenerator<SourceRow> {
    const input = createReadStream(join(this.#dir, "rows.jsonl"));
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        yield JSON.parse(line) as SourceRow;
    } finally {
      input.destroy();
    }
  }

  async close(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** readline ends a line at U+2028 and U+2029 too, which JSON leaves as they are. */
function toLine(row: SourceRow): string {
  return JSON.stringify(row)
    .replaceAll("\u2028", String.raw`\u2028`)
    .replaceAll("\u2029", String.raw`\u2029`);
}
