import { accessSync, constants, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Backend } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import type { BackendLogger } from "../logger.ts";
import { reportOutages } from "../outages.ts";
import { SqlBudgetState } from "../sql/budget-state.ts";
import { queueOnPostgres } from "../sql/queue-on-postgres.ts";
import { SqlRunStore } from "../sql/run-store.ts";
import { sqlOf } from "../sql/sql.ts";
import { openDatabase } from "./database.ts";
import { lockFolder } from "./folder-lock.ts";

/** Opens the backend in a folder, which is made where there is none. */
export async function openEmbedded(folder: string, logger: BackendLogger): Promise<Backend> {
  const dataDir = resolve(folder);
  makeWritable(dataDir);
  const lock = lockFolder(dataDir);
  if (lock === null) {
    throw new BackendError("folder_in_use", `${dataDir} is in use by another process`, "Wait until it is done");
  }
  try {
    const database = await openDatabase(dataDir);
    const sql = sqlOf(database.pool);
    let closed: Promise<void> | null = null;
    return {
      kind: "embedded",
      address: dataDir,
      warnings: [],
      runs: new SqlRunStore(sql),
      budget: new SqlBudgetState(sql),
      canWork: true,
      ...queueOnPostgres(database.pool.asPgPool(), reportOutages(dataDir, logger)),
      close: () => (closed ??= database.close().finally(() => lock.release())),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makeWritable(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new BackendError(
      "folder_unwritable",
      `The folder ${dataDir} can't be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      "Name a folder of your own with BULKPATCH_DATA_DIR",
      error,
    );
  }
}
