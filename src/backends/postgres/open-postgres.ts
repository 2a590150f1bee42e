import { MINIMUM_POSTGRES_VERSION, UnsupportedPostgresVersionError, type PgPool } from "bullmq";
import type { Pool } from "pg";
import { withoutPassword } from "../address.ts";
import type { Backend } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import type { BackendLogger } from "../logger.ts";
import { reportOutages } from "../outages.ts";
import { Patience } from "../patience.ts";
import { SqlBudgetState } from "../sql/budget-state.ts";
import { migrate } from "../sql/migrate.ts";
import { queueOnPostgres } from "../sql/queue-on-postgres.ts";
import { SqlRunStore } from "../sql/run-store.ts";
import { sqlOf } from "../sql/sql.ts";
import { connectPostgres } from "./connect.ts";
import { isLost } from "./lost.ts";

/** Connections that a process may open. A worker keeps one of them, to be told of new jobs. */
const CONNECTIONS = 12;

/** Opens the backend on a PostgreSQL server and brings its schemas up to date; several machines may do so at once. */
export async function openPostgres(url: string, logger: BackendLogger): Promise<Backend> {
  const address = withoutPassword(url);
  const onError = reportOutages(address, logger, isLost);
  const pool = await connectPostgres(url, { max: CONNECTIONS }, onError);
  try {
    await prepare(pool, address);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const patience = new Patience({ address, isLost });
  const patient = patientPool(pool, patience);
  const sql = sqlOf(patient);
  let closed: Promise<void> | null = null;
  return {
    kind: "postgres",
    address,
    warnings: [],
    runs: new SqlRunStore(sql),
    budget: new SqlBudgetState(sql),
    canWork: true,
    ...queueOnPostgres(patient, onError),
    close: () => {
      patience.close();
      return (closed ??= pool.end());
    },
  };
}

async function prepare(pool: Pool, address: string): Promise<void> {
  const client = await pool.connect();
  try {
    await migrate(client, address);
  } catch (error) {
    throw explain(address, error);
  } finally {
    client.release();
  }
}

function explain(address: string, error: unknown): unknown {
  if (error instanceof UnsupportedPostgresVersionError) {
    return new BackendError(
      "backend_version",
      `PostgreSQL at ${address} is too old; at least ${MINIMUM_POSTGRES_VERSION} is needed`,
      "Update PostgreSQL",
      error,
    );
  }
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
  return error;
}

/** The pool, whose single statements are repeated when the connection breaks under them. */
function patientPool(pool: Pool, patience: Patience): PgPool {
  const query = (text: string, values?: readonly unknown[]) =>
    patience.call(async () => pool.query(text, values === undefined ? undefined : [...values]));
  return new Proxy(pool, {
    get: (target, property) => {
      if (property === "query") return query;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
