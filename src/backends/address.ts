import { BackendError } from "./backend-error.ts";

const KIND_OF_SCHEME: Record<string, "redis" | "postgres"> = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

/** Which kind of server an address is about. Throws BackendError for one that is about none. */
export function serverKindOf(url: string): "redis" | "postgres" {
  const parsed = URL.parse(url);
  const kind = KIND_OF_SCHEME[parsed?.protocol ?? ""];
  if (kind !== undefined) return kind;
  throw new BackendError(
    "backend_url",
    // The rest is not shown: there may be a password in it.
    parsed === null
      ? "BULKPATCH_BACKEND_URL is not an address"
      : `BULKPATCH_BACKEND_URL begins with ${parsed.protocol}, which is not a backend`,
    "Set it to embedded, redis://host:6379 or postgres://user:password@host:5432/database",
  );
}

/** The address without its password and without parameters, where one may hide too: safe to print. */
export function withoutPassword(url: string): string {
  const parsed = new URL(url);
  const user = parsed.username === "" ? "" : `${parsed.username}@`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}`;
}
