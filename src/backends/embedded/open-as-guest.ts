import type { Backend } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import { queueOnPostgres } from "../sql/queue-on-postgres.ts";
import { sqlOf } from "../sql/sql.ts";
import { sqlStores } from "../sql/stores.ts";
import { openBudgetFile } from "./budget-file.ts";
import { describeOwner } from "./owner.ts";
import type { RelayPool } from "./relay-client.ts";

/** The backend of a process that looks at a folder, and controls its runs, while another one holds it and does the work. */
export function openAsGuest(dataDir: string, relay: RelayPool): Backend {
  const sql = sqlOf(relay);
  const budgetFile = openBudgetFile(dataDir);
  const { queue, notifications } = queueOnPostgres(relay);
  const refuse = (): never => {
    throw new BackendError(
      "not_owner",
      `${describeOwner(relay.owner)} holds ${dataDir}, so only it can work`,
      "Leave the work to it, or stop it first",
    );
  };
  return {
    kind: "embedded",
    address: dataDir,
    warnings: [],
    evicts: null,
    ...sqlStores(sql),
    budget: budgetFile.budget,
    canWork: false,
    explain: () => null,
    queue,
    worker: refuse,
    notifications,
    notificationWorker: refuse,
    close: async () => {
      relay.close();
      budgetFile.close();
    },
  };
}
