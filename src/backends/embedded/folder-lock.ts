import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's code for "somebody else holds it". */
const SQLITE_BUSY = 5;

export interface FolderLock {
  release(): void;
}

/**
 * Takes the folder for this process, or answers null while another one holds it. The lock is the operating system's, on
 * `lock.sqlite`, so it goes with the process however that ends, and is never stale.
 */
export function lockFolder(dataDir: string): FolderLock | null {
  const database = new DatabaseSync(join(dataDir, "lock.sqlite"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return { release: () => database.close() };
}
