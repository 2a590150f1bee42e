import { Readable } from "node:stream";
import { openSource } from "../../src/changes/open-source.ts";
import { renderProblems, type SourceRow } from "../../src/changes/change.ts";
import type { ReadOptions } from "../../src/changes/source.ts";

export interface Reading {
  header: string[];
  notes: string[];
  rows: SourceRow[];
  sha256: string;
}

/** Reads a spreadsheet that is given as its bytes, through standard input, in chunks of `chunkSize` bytes. */
export async function readSpreadsheet(
  content: string | Buffer,
  options: ReadOptions = {},
  chunkSize = 64 * 1024,
): Promise<Reading> {
  const bytes = Buffer.from(content);
  const chunks: Buffer[] = [];
  for (let i = 0; i < bytes.length; i += chunkSize) chunks.push(bytes.subarray(i, i + chunkSize));
  const source = await openSource("-", options, { stdin: Readable.from(chunks, { objectMode: false }) });
  try {
    const rows: SourceRow[] = [];
    for await (const row of source.rows()) rows.push(row);
    return { header: source.header, notes: source.notes, rows, sha256: source.sha256() };
  } finally {
    await source.close();
  }
}

/** `3: column "Email": expected …, found …` for each row with problems. */
export function problemsOf(rows: readonly SourceRow[]): string[] {
  return rows.filter((r) => r.problems.length > 0).map((r) => `${r.row}: ${renderProblems(r.problems)}`);
}
