import type { Backend } from "../backend.ts";
import { queueOnPostgres } from "../sql/queue-on-postgres.ts";
import { sqlOf } from "../sql/sql.ts";
import { sqlStores } from "../sql/stores.ts";
import { openBudgetFile } from "./budget-file.ts";
import { openDatabase } from "./database.ts";
import type { FolderLock } from "./folder-lock.ts";
import { removeOwner, thisProcess, writeOwner } from "./owner.ts";
import { relayPath } from "./relay-protocol.ts";
import { serveRelay } from "./relay-server.ts";

/** The backend of the process that holds the folder: it opens the database, works, and answers its guests. */
export async function openAsOwner(dataDir: string, lock: FolderLock): Promise<Backend> {
  const closers: (() => void | Promise<void>)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const owner = thisProcess();
    await writeOwner(dataDir, owner);
    closers.push(() => removeOwner(dataDir));
    const budgetFile = openBudgetFile(dataDir);
    closers.push(() => budgetFile.close());
    const database = await openDatabase(dataDir);
    closers.push(() => database.close());
    const relay = await serveRelay(relayPath(dataDir), database.pool, owner);
    closers.push(() => relay.close());
    const sql = sqlOf(database.pool);
    let closed: Promise<void> | null = null;
    return {
      kind: "embedded",
      address: dataDir,
      warnings: [],
      evicts: null,
      ...sqlStores(sql),
      budget: budgetFile.budget,
      canWork: true,
      explain: () => null,
      ...queueOnPostgres(database.pool),
      close: () => (closed ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
