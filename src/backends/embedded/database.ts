import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { BackendError } from "../backend-error.ts";
import { migrate } from "../sql/migrate.ts";
import { PglitePool } from "./pglite-pool.ts";

export interface EmbeddedDatabase {
  pool: PglitePool;
  close(): Promise<void>;
}

/**
 * Opens the PostgreSQL in `<dataDir>/db`, makes it where there is none (about 3 s; later openings 0.3 s) and brings its
 * schemas up to date. The caller holds the folder's lock.
 *
 * What a statement that was answered wrote is in the files: PGlite writes its log through to them before it answers, and
 * PostgreSQL's own recovery reads it after a kill. (It does not ask the disk to flush: a power cut is another matter.)
 */
export async function openDatabase(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = join(dataDir, "db");
  // There from before the first file until the schemas are complete: a folder that a kill left half made is made again.
  const unfinished = join(dataDir, "db.unfinished");
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true });
  const isNew = !existsSync(folder);
  if (isNew) {
    await writeFile(unfinished, "");
    await mkdir(folder, { mode: 0o700 });
  }
  const db = await PGlite.create(folder).catch((error: unknown) => {
    throw corrupt(folder, error);
  });
  try {
    const pool = new PglitePool(db);
    const client = await pool.connect();
    await migrate(client, dataDir);
    client.release();
    await pool.query("SET search_path = bullmq");
    if (isNew) await rm(unfinished);
    return { pool, close: () => db.close() };
  } catch (error) {
    await db.close();
    throw error;
  }
}

function corrupt(folder: string, cause: unknown): BackendError {
  return new BackendError(
    "folder_corrupt",
    `The database in ${folder} can't be opened: its files are damaged or not a database`,
    `Move the folder away (it holds the record of your runs) and start again, or name another folder with BULKPATCH_DATA_DIR`,
    cause,
  );
}
