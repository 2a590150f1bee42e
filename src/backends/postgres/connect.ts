import type { ClientBase } from "pg";
import { withoutPassword } from "../address.ts";
import { BackendError } from "../backend-error.ts";
import { explainCertificate } from "../certificate.ts";
import { isNetworkError } from "../network-errors.ts";
import { EndablePool } from "./endable-pool.ts";

const SECOND = 1_000;
/** After this long without an answer, nothing that is PostgreSQL listens there. */
const OPEN_TIMEOUT = 5 * SECOND;
const NO_ANSWER = `no answer in ${OPEN_TIMEOUT / SECOND} seconds`;

/** A pool that is known to work. Throws BackendError when the first connection fails. */
export async function connectPostgres(
  url: string,
  connections: number,
  onError: (error: Error) => void,
): Promise<EndablePool> {
  const pool = makePool(url, connections, onError);
  try {
    await pool.query("SELECT 1");
    return pool;
  } catch (error) {
    await pool.end();
    throw explain(url, error);
  }
}

/** A pool of up to so many connections, made when they are needed. The errors of idle ones go to `onError`. */
export function makePool(url: string, connections: number, onError: (error: Error) => void): EndablePool {
  const pool = new EndablePool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: OPEN_TIMEOUT,
    // No statement takes as long, so its connection is dead.
    query_timeout: 60 * SECOND,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
    onConnect: useSchema,
  });
  return pool.on("error", onError);
}

/** BullMQ's statements name no schema. The pool waits for what is answered here, though its types don't say so. */
function useSchema(client: ClientBase): unknown {
  // Between the pool and whoever borrows it nobody listens, and an error that nobody hears ends the process.
  client.on("error", () => {});
  return client.query("SET search_path = bullmq");
}

function explain(url: string, error: unknown): BackendError {
  const address = withoutPassword(url);
  const { code, message } = error as { code?: string; message: string };
  const certificate = explainCertificate(`PostgreSQL at ${address}`, error);
  if (certificate !== null) return certificate;
  // 28…: invalid authorization; SASL: a password is wanted and none was given.
  if (code?.startsWith("28") || /SASL|password/i.test(message)) {
    return new BackendError(
      "backend_auth",
      `PostgreSQL at ${address} refused the user or password`,
      "Correct the user and password in BULKPATCH_BACKEND_URL: postgres://user:password@host:5432/database",
      error,
    );
  }
  if (code === "3D000") {
    return new BackendError(
      "backend_unusable",
      `PostgreSQL at ${address} has no such database`,
      "Create it (CREATE DATABASE …), or correct the name at the end of BULKPATCH_BACKEND_URL",
      error,
    );
  }
  if (isNetworkError(error) || /timeout|terminated/i.test(message)) {
    return new BackendError(
      "backend_unreachable",
      `PostgreSQL at ${address} can't be reached (${code ?? (/timeout/.test(message) ? NO_ANSWER : message)})`,
      "Start it, or correct BULKPATCH_BACKEND_URL; leave it out to need no server",
      error,
    );
  }
  return new BackendError(
    "backend_unusable",
    `PostgreSQL at ${address} can't be used (${message})`,
    "Correct what it says, or BULKPATCH_BACKEND_URL",
    error,
  );
}
