import { join } from "node:path";
import type { Entry } from "../registry/entry.ts";
import { renderCsv } from "../report/csv-writer.ts";
import { makePrivateFolder } from "../report/file-modes.ts";
import { writePrivateFile } from "../report/private-file.ts";

/** What the list and the registry have for themselves. */
export interface LeftOvers {
  /** Rows of which no entry is there: in the list, not in the registry. */
  notInRegistry: { row: number; cells: string[]; text: string }[];
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
  await write(join(folder, LEFT_OVER_FILES.notInRegistry), [
    ["row", "message", ...header],
    ...notInRegistry.map(({ row, cells, text }) => [String(row), text, ...cells]),
  ]);
  await write(join(folder, LEFT_OVER_FILES.notInList), [
    ["id", "email", "name"],
    ...notInList.map(({ id, email, name }) => [id, email, name]),
  ]);
}

async function write(path: string, records: readonly string[][]): Promise<void> {
  await writePrivateFile(path, { force: true }, renderCsv(streamed(records)));
}

async function* streamed(records: readonly string[][]): AsyncGenerator<string[]> {
  yield* records;
}
