import { serverKindOf } from "./address.ts";
import type { Backend } from "./backend.ts";
import { openEmbedded } from "./embedded/open-embedded.ts";
import { silent, type BackendLogger } from "./logger.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import { openRedis } from "./redis/open-redis.ts";

export interface OpenOptions {
  /** `redis://…`, `rediss://…`, `postgres://…`, `postgresql://…`; null or `embedded`: a database in `dataDir`. */
  url: string | null;
  /** Of the embedded backend; the others don't touch it. */
  dataDir: string;
  /** Default: nothing is logged. */
  logger?: BackendLogger;
}

/** Opens the backend that the address names. Throws BackendError, within seconds, when it can't be used. */
export async function openBackend({ url, dataDir, logger = silent }: OpenOptions): Promise<Backend> {
  if (url === null || url === "embedded") return openEmbedded(dataDir);
  return serverKindOf(url) === "redis" ? openRedis(url, logger) : openPostgres(url, logger);
}
