import type { Pool } from "pg";
import { withoutPassword } from "../address.ts";
import type { Backend } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import type { BackendLogger } from "../logger.ts";
import { reportOutages } from "../outages.ts";
import { OutageRetry } from "../outage-retry.ts";
import { SqlBudgetState } from "../sql/budget-state.ts";
import { migrate } from "../sql/migrate.ts";
import { queueOnPostgres } from "../sql/queue-on-postgres.ts";
import type { SharedPool, Sql } from "../sql/sql.ts";
import { sqlStores } from "../sql/stores.ts";
import { connectPostgres, makePool } from "./connect.ts";
import { explainPostgres, isLost } from "./errors.ts";

/** Connections for statements that a process may open; they are many and short. */
const CONNECTIONS = 12;
/** Connections that wait to be told of new jobs: one for each worker, so their number is the server's to limit. */
const SESSIONS = 1_000;

/** Opens the backend on a PostgreSQL server and brings its schemas up to date; several machines may do so at once. */
export async function openPostgres(url: string, logger: BackendLogger): Promise<Backend> {
  const address = withoutPassword(url);
  const onError = reportOutages(address, logger, isLost);
  const pool = await connectPostgres(url, CONNECTIONS, onError);
  const sessions = makePool(url, SESSIONS, onError);
  try {
    await prepare(pool, address);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const explain = (error: unknown): BackendError | null => explainPostgres(address, error);
  const outageRetry = new OutageRetry({ address, isLost, explain });
  const query: SharedPool["query"] = async (text, values) =>
    outageRetry.call(async () => pool.query(text, values === undefined ? undefined : [...values]));
  const sql = preparedStatements(pool, outageRetry);
  return {
    kind: "postgres",
    address,
    warnings: [],
    evicts: null,
    ...sqlStores(sql),
    budget: new SqlBudgetState(sql),
    canWork: true,
    explain,
    ...queueOnPostgres({ query, connect: async () => sessions.connect() }, { onError, outageRetry }),
    close: async () => {
      outageRetry.close();
      await Promise.all([pool.end(), sessions.end()]);
    },
  };
}

/** The store's statements are the same few, so each connection plans each of them once. */
function preparedStatements(pool: Pool, outageRetry: OutageRetry): Sql {
  const names = new Map<string, string>();
  return {
    query: async <Row>(text: string, values: readonly unknown[] = [], valuesAgain = values) => {
      let next = values;
      const name = names.get(text) ?? `bulkpatch_${names.size}`;
      names.set(text, name);
      return outageRetry.call(async () => {
        const now = next;
        next = valuesAgain;
        return (await pool.query({ name, text, values: [...now] })).rows as Row[];
      });
    },
  };
}

async function prepare(pool: Pool, address: string): Promise<void> {
  const client = await pool.connect();
  try {
    await migrate(client, address);
  } catch (error) {
    throw explainPrepare(address, error);
  } finally {
    client.release();
  }
}

function explainPrepare(address: string, error: unknown): unknown {
  if (error instanceof BackendError) return error;
  // 42501: insufficient privilege; 25006: read only.
  const { code, message } = error as { code?: string; message?: string };
  if (code === "42501" || code === "25006") {
    return new BackendError(
      "backend_unusable",
      `PostgreSQL at ${address} does not let this user make its tables (${message})`,
      "GRANT CREATE ON DATABASE … TO …, or name a user that may, in BULKPATCH_BACKEND_URL",
      error,
    );
  }
  return explainPostgres(address, error) ?? error;
}
