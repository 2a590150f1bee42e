import { existsSync, statfsSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { BackendError } from "../backend-error.ts";
import { migrate } from "../sql/migrate.ts";
import { useBaselineCompiler } from "./baseline-compiler.ts";
import { makeDatabase } from "./make-database.ts";
import { startVacuum } from "./vacuum.ts";
import { PglitePool } from "./pglite-pool.ts";
import { PgliteSession } from "./pglite-session.ts";

/**
 * The log's files are small, and those that are no longer needed go at once: a folder stays at some 30 MB and its rows. The buffers are a quarter
 * of PostgreSQL's, which takes all of them at once: a read past them costs little here, as the system keeps the files in memory, too.
 */
const SETTINGS = ["-c", "wal_recycle=off", "-c", "min_wal_size=32MB", "-c", "shared_buffers=32MB"];

export interface EmbeddedDatabase {
  pool: PglitePool;
  close(): Promise<void>;
}

/**
 * Opens the PostgreSQL in `<dataDir>/db`, makes it where there is none (about 3 s; later openings 0.3 s) and brings its
 * schemas up to date. The caller holds the folder's lock. Throws BackendError.
 *
 * What a statement that was answered wrote is in the files: PostgreSQL writes its log through to them before it answers, and
 * reads it again after a kill. (PGlite does not ask the disk to flush: a power cut is another matter.)
 */
export async function openDatabase(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = join(dataDir, "db");
  // There from before the first file until the schemas are complete: a folder that a kill left half made is made again.
  const unfinished = join(dataDir, "db.unfinished");
  if (existsSync(unfinished)) await rm(folder, { recursive: true, force: true });
  const isNew = await isMissingOrEmpty(folder);
  if (isNew) {
    await writeFile(unfinished, "");
    await rm(folder, { recursive: true, force: true });
    await makeDatabase(folder).catch((error: unknown) => {
      throw noRoom(folder, error);
    });
  } else if (!existsSync(join(folder, "PG_VERSION"))) {
    // PGlite would make a new database over what is left of this one.
    throw damaged(folder);
  }
  useBaselineCompiler();
  const db = await PGlite.create(folder, { startParams: [...PGlite.defaultStartParams, ...SETTINGS] }).catch(
    (error: unknown) => {
      throw isNew || isDiskFull(folder) ? noRoom(folder, error) : damaged(folder, error);
    },
  );
  try {
    const session = new PgliteSession(db, folder);
    const pool = new PglitePool(session);
    db.onNotification((channel, payload) => pool.notify({ channel, payload }));
    const client = await pool.connect();
    await migrate(client, dataDir);
    client.release();
    await pool.query("SET search_path = bullmq");
    if (isNew) await rm(unfinished);
    const housekeeping = await startVacuum(pool);
    const close = async (): Promise<void> => {
      await housekeeping.close().catch(() => {});
      if (session.stopped === null) await db.close();
    };
    return { pool, close };
  } catch (error) {
    // Where it is the disk that failed, closing would write to it again and never end; what is left behind is as after a kill.
    if (!(error instanceof BackendError && (error.code === "folder_unwritable" || error.code === "data_gone")))
      await db.close();
    throw error;
  }
}

async function isMissingOrEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw damaged(folder, error);
  }
}

function damaged(folder: string, cause?: unknown): BackendError {
  return new BackendError(
    "folder_corrupt",
    `The database in ${folder} can't be opened: its files are damaged or not a database`,
    "Move that folder away (it holds the record of your runs) and start again, or name another with BULKPATCH_DATA_DIR",
    cause,
  );
}

function noRoom(folder: string, cause: unknown): BackendError {
  return new BackendError(
    "folder_unwritable",
    `The database in ${folder} can't be written`,
    "See that its disk has 100 MB left, or name another folder with BULKPATCH_DATA_DIR",
    cause,
  );
}

/** Less than PostgreSQL's recovery may need to write. */
function isDiskFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < 20 * 1024 * 1024;
}
