import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BudgetState } from "../../budget/budget-state.ts";
import { close, exchange, newRecord, type BudgetRecord } from "../../budget/ledger.ts";
import { BackendError } from "../backend-error.ts";

/** The shared budget of the processes of one machine, in a file. */
export interface BudgetFile {
  budget: BudgetState;
  /** Safe to call twice. */
  close(): void;
}

/** Another process holds the file for a moment at the most. */
const BUSY_MS = 5_000;

/**
 * The shared budget of a folder, in a small file of its own: every process on the folder has it open, whether or not it holds
 * the folder, and who only asks the API needs no database for it. Throws BackendError.
 *
 * The clock is the machine's uptime, which all its processes have in common and nobody sets. It begins anew with the machine:
 * the record then takes it for a clock that stepped back, which errs on the side of fewer requests.
 */
export function openBudgetFile(dataDir: string, uptimeMs: () => number = readUptime): BudgetFile {
  const file = join(dataDir, "budget.sqlite");
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new BackendError(
        "folder_unwritable",
        `${file}, which counts the requests, can't be used (${(error as Error).message})`,
        "See that its disk has room and that nobody else writes there; if it is damaged, remove it",
        error,
      );
    }
  };
  const database = guarded(() => {
    const opened = new DatabaseSync(file, { timeout: BUSY_MS });
    // What a power cut takes of it is not missed: a kill takes nothing.
    opened.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    opened.exec("CREATE TABLE IF NOT EXISTS ledger (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID");
    return opened;
  });
  const read = database.prepare("SELECT record FROM ledger WHERE key = ?");
  const write = database.prepare("INSERT OR REPLACE INTO ledger (key, record) VALUES (?, ?)");
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");

  function recordOf(key: string): BudgetRecord | null {
    const row = read.get(key);
    return row === undefined ? null : { ...newRecord(), ...(JSON.parse(row["record"] as string) as BudgetRecord) };
  }

  function inOneStep<T>(key: string, change: (record: BudgetRecord) => T): T {
    return guarded(() => {
      begin.run();
      try {
        const record = recordOf(key) ?? newRecord();
        const answer = change(record);
        write.run(key, JSON.stringify(record));
        commit.run();
        return answer;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  return {
    budget: {
      exchange: async (key, ask) => inOneStep(key, (record) => exchange(record, uptimeMs(), ask)),
      close: async (key, forMs, reason) => inOneStep(key, (record) => close(record, uptimeMs(), forMs, reason)),
      look: async (key) => {
        const record = guarded(() => recordOf(key));
        return record === null ? null : { record, now: uptimeMs() + record.shiftMs };
      },
    },
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function readUptime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
