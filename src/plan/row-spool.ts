import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { SourceRow } from "../changes/change.ts";
import { explainTemporary, makeTemporaryFolder } from "../temporary-folder.ts";

/** Characters that are gathered for one write, bytes for one read. */
const PIECE = 64 * 1024;

/**
 * Checked rows on disk, so that a plan can go over them more than once while memory stays the same whatever their number.
 * A private temporary file (JSON lines) that loses its name as soon as it is open: a process that is killed leaves nothing behind.
 */
export class RowSpool {
  readonly rows: number;
  readonly #file: FileHandle;
  readonly #dir: string;

  private constructor(file: FileHandle, dir: string, rows: number) {
    this.#file = file;
    this.#dir = dir;
    this.rows = rows;
  }

  /** Writes all rows, showing each to `onRow` on the way. */
  static async write(source: AsyncIterable<SourceRow>, onRow: (row: SourceRow) => void): Promise<RowSpool> {
    const dir = await makeTemporaryFolder("bulkpatch-rows-");
    const file = await open(join(dir, "rows.jsonl"), "wx+", 0o600);
    await rm(dir, { recursive: true, force: true }).catch(() => undefined); // Windows keeps what is open; `close` removes it there
    let rows = 0;
    let pending = "";
    try {
      for await (const row of source) {
        onRow(row);
        rows += 1;
        pending += `${JSON.stringify(row)}\n`;
        if (pending.length < PIECE) continue;
        await keep(file, pending);
        pending = "";
      }
      await keep(file, pending);
      return new RowSpool(file, dir, rows);
    } catch (error) {
      await closeFile(file, dir);
      throw error;
    }
  }

  /** May be called again, also while an earlier reading goes on. */
  async *read(): AsyncGenerator<SourceRow> {
    const buffer = Buffer.allocUnsafe(PIECE);
    const decoder = new StringDecoder("utf8");
    let rest = "";
    for (let position = 0; ;) {
      const { bytesRead } = await this.#file.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as SourceRow;
    }
  }

  async close(): Promise<void> {
    await closeFile(this.#file, this.#dir);
  }
}

async function keep(file: FileHandle, text: string): Promise<void> {
  await file.writeFile(text).catch((error: unknown) => {
    throw explainTemporary(error);
  });
}

async function closeFile(file: FileHandle, dir: string): Promise<void> {
  await file.close();
  await rm(dir, { recursive: true, force: true });
}
