import { join } from "node:path";
import type { Entry } from "../registry/entry.ts";
import { renderCsv } from "../report/csv-writer.ts";
import { makePrivateFolder } from "../report/file-modes.ts";
import { writePrivateFile } from "../report/private-file.ts";
import type { RunRow } from "../runs/run.ts";

/** What the list and the registry have for themselves. */
export interface LeftOvers {
  /** Rows of which no entry is there: in the list, not in the registry. Streamed; may be called again. */
  notInRegistry: () => AsyncIterable<Pick<RunRow, "row" | "cells" | "result">>;
  /** Entries of which no row is there: in the registry, not in the list. */
  notInList: Pick<Entry, "id" | "email" | "name">[];
}

/** The two files of it, in their folder. */
export const LEFT_OVER_FILES = { notInRegistry: "not-in-registry.csv", notInList: "not-in-list.csv" } as const;

/**
 * Writes all of it into a folder, which is made where it is missing, as two CSV files that replace those of the time before; one that
 * has nothing to say has its header alone. `header`: of the list. Throws RequestError where the disk refuses.
 */
export async function writeLeftOvers(
  folder: string,
  { notInRegistry, notInList }: LeftOvers,
  header: readonly string[],
): Promise<void> {
  await makePrivateFolder(folder);
  const write = (file: string, records: AsyncIterable<string[]>): Promise<void> =>
    writePrivateFile(join(folder, file), { force: true }, renderCsv(records));
  await write(LEFT_OVER_FILES.notInRegistry, rowRecords(notInRegistry(), header));
  await write(LEFT_OVER_FILES.notInList, entryRecords(notInList));
}

async function* rowRecords(
  rows: ReturnType<LeftOvers["notInRegistry"]>,
  header: readonly string[],
): AsyncGenerator<string[]> {
  yield ["row", "message", ...header];
  for await (const { row, cells, result } of rows) yield [String(row), result?.message ?? "", ...cells];
}

async function* entryRecords(entries: LeftOvers["notInList"]): AsyncGenerator<string[]> {
  yield ["id", "email", "name"];
  for (const { id, email, name } of entries) yield [id, email, name];
}
