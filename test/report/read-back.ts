import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceRow } from "../../src/changes/change.ts";
import { openSource } from "../../src/changes/open-source.ts";
import type { ReadOptions } from "../../src/changes/source.ts";

/** A file of the report as `bulkpatch run` would read it. */
export async function readBack(
  csv: string,
  options: ReadOptions = {},
): Promise<{ notes: string[]; rows: SourceRow[] }> {
  const dir = await mkdtemp(join(tmpdir(), "bulkpatch-read-back-"));
  try {
    await writeFile(join(dir, "back.csv"), csv);
    const source = await openSource(join(dir, "back.csv"), options);
    try {
      return { notes: source.notes, rows: await Array.fromAsync(source.rows()) };
    } finally {
      await source.close();
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}
