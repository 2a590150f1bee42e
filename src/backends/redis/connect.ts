import { Redis, type RedisOptions } from "ioredis";
import { withoutPassword } from "../address.ts";
import { BackendError } from "../backend-error.ts";
import { explainCertificate } from "../certificate.ts";
import { withoutArguments } from "./errors.ts";

const SECOND = 1_000;
/** After this long without an answer, nothing that is Redis listens there. */
const OPEN_TIMEOUT = 5 * SECOND;
const NO_ANSWER = `no answer in ${OPEN_TIMEOUT / SECOND} seconds`;

/**
 * A connection that is known to work; from then on it reconnects by itself, for as long as it takes, and its errors go to
 * `onError`. Throws BackendError when the first attempt fails.
 */
export async function connectRedis(
  url: string,
  options: RedisOptions,
  onError: (error: Error) => void,
): Promise<Redis> {
  let opened = false;
  let lastError: Error | null = null;
  const redis = new Redis(url, {
    connectTimeout: OPEN_TIMEOUT,
    keepAlive: 10 * SECOND,
    ...options,
    lazyConnect: true,
    retryStrategy: (times) => (opened ? Math.min(50 * 2 ** times, SECOND) : null),
    // A replica that was promoted over our head: look for the new master.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  redis.on("error", (error) => {
    lastError = error;
    if (opened) onError(error);
  });
  const timeout = setTimeout(() => {
    lastError ??= new Error(NO_ANSWER);
    redis.disconnect();
  }, OPEN_TIMEOUT);
  try {
    await redis.connect();
    opened = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw explain(url, withoutArguments(lastError ?? error) as Error);
  } finally {
    clearTimeout(timeout);
  }
}

/** Ends the connection at once. What waits for an answer on it fails. */
export function disconnectRedis(redis: Redis): void {
  // ioredis would let it wait for ever when it pauses before the next attempt, so it gets an attempt to break off.
  if (redis.status === "reconnecting") redis.connect().catch(() => {});
  redis.disconnect();
}

function explain(url: string, error: Error): BackendError {
  const address = withoutPassword(url);
  const certificate = explainCertificate(`Redis at ${address}`, error);
  if (certificate !== null) return certificate;
  if (/WRONGPASS|NOAUTH|NOPERM|invalid password|invalid username/i.test(error.message)) {
    return new BackendError(
      "backend_auth",
      `Redis at ${address} refused the user or password`,
      "Correct the user and password in BULKPATCH_BACKEND_URL: redis://user:password@host:6379",
      error,
    );
  }
  if (/protocol error|RESP type/i.test(error.message)) {
    return new BackendError(
      "backend_unusable",
      `What answers at ${address} is not Redis`,
      "Correct the host and port in BULKPATCH_BACKEND_URL",
      error,
    );
  }
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return new BackendError(
    "backend_unreachable",
    `Redis at ${address} can't be reached (${code})`,
    "Start it (docker run -p 6379:6379 redis:8 redis-server --appendonly yes --maxmemory-policy noeviction), or correct BULKPATCH_BACKEND_URL; leave it out to need no Redis",
    error,
  );
}
