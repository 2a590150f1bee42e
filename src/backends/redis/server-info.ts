import type { Redis } from "ioredis";
import { BackendError } from "../backend-error.ts";

/** BullMQ's own bounds. */
const OLDEST = [5, 0];
const RECOMMENDED = [6, 2];

/** What a Redis server says of itself. */
export interface ServerFacts {
  /** What the operator should know. */
  warnings: string[];
  /** Its maxmemory-policy, where it may throw away any key, else null. */
  evicts: string | null;
}

/** Asks the server what it is, and whether it runs scripts. Throws BackendError when it can't be used. */
export async function checkServer(redis: Redis, address: string): Promise<ServerFacts> {
  const info = parseInfo(await redis.info());
  const version = info["redis_version"] ?? "0";
  if (isOlder(version, OLDEST)) {
    throw new BackendError(
      "backend_version",
      `Redis at ${address} is version ${version}; at least ${OLDEST.join(".")} is needed`,
      "Update Redis; 7 or newer is best",
    );
  }
  if (info["cluster_enabled"] === "1") {
    throw new BackendError(
      "backend_unusable",
      `Redis at ${address} is part of a cluster, which bulkpatch can't use`,
      "Name a single Redis server in BULKPATCH_BACKEND_URL",
    );
  }
  if (info["role"] === "slave") {
    throw new BackendError(
      "backend_unusable",
      `Redis at ${address} is a replica, which can't be written`,
      "Name its master in BULKPATCH_BACKEND_URL",
    );
  }
  const warnings: string[] = [];
  if (isOlder(version, RECOMMENDED)) {
    warnings.push(`Redis at ${address} is version ${version}: update it to ${RECOMMENDED.join(".")} or newer.`);
  }
  const policy = info["maxmemory_policy"];
  if (policy !== undefined && policy !== "noeviction") {
    warnings.push(
      `Redis at ${address} may throw away rows when its memory is full (maxmemory-policy ${policy}): set maxmemory-policy noeviction.`,
    );
  }
  if (info["aof_enabled"] === "0") {
    warnings.push(
      `Redis at ${address} may forget the last minutes when it is restarted (no append-only file): set appendonly yes.`,
    );
  }
  if (isFull(info)) {
    warnings.push(`Redis at ${address} has no memory left (maxmemory ${info["maxmemory_human"]}): give it more.`);
  }
  await redis.eval("return 1", 0);
  return { warnings, evicts: policy?.startsWith("allkeys-") ? policy : null };
}

function isFull(info: Record<string, string>): boolean {
  const limit = Number(info["maxmemory"] ?? 0);
  return limit > 0 && Number(info["used_memory"] ?? 0) >= limit;
}

function parseInfo(text: string): Record<string, string> {
  const fields = text.split(/\r?\n/).filter((line) => line.includes(":"));
  return Object.fromEntries(
    fields.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

function isOlder(version: string, than: readonly number[]): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than;
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
