import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackendError } from "../backend-error.ts";

/** SQLite's code for "somebody else holds it". */
const SQLITE_BUSY = 5;

/** This process is the one that works on the folder, until it releases it. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the folder for this process, or answers null while another one holds it. The lock is the operating system's, on
 * `lock.sqlite`, so it goes with the process however that ends, and is never stale. Throws BackendError.
 */
export function lockFolder(dataDir: string): FolderLock | null {
  const file = join(dataDir, "lock.sqlite");
  let database: DatabaseSync | null = null;
  try {
    const opened = (database = new DatabaseSync(file));
    opened.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return { release: () => opened.close() };
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw new BackendError(
      "folder_unwritable",
      `${file} can't be locked (${(error as Error).message})`,
      "Remove that file if it is not bulkpatch's, or name another folder with BULKPATCH_DATA_DIR",
      error,
    );
  }
}
