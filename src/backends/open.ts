import type { Backend } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { openEmbedded } from "./embedded/open-embedded.ts";

/** What is logged of a backend's troubles; a pino logger fits. */
export interface BackendLogger {
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface OpenOptions {
  /** `redis://…`, `rediss://…`, `postgres://…`, `postgresql://…`; null or `embedded`: a database in `dataDir`. */
  url: string | null;
  /** Of the embedded backend; the others don't touch it. */
  dataDir: string;
  logger?: BackendLogger;
}

/** Opens the backend that the address names. Throws BackendError, within seconds, when it can't be used. */
export async function openBackend({ url, dataDir }: OpenOptions): Promise<Backend> {
  if (url === null || url === "embedded") return openEmbedded(dataDir);
  throw new BackendError("backend_url", "not yet", "soon");
}
