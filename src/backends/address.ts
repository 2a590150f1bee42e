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
  // What is wrong is not shown: there may be a password in it.
  if (parsed === null) throw wrong("is not an address");
  const kind = KIND_OF_SCHEME[parsed.protocol];
  if (kind === undefined) throw wrong(`begins with ${parsed.protocol}, which is not a backend`);
  if (`${parsed.pathname}${parsed.search}${parsed.hash}`.includes("@")) {
    throw wrong("has a /, ? or # before its @: in a password they are written %2F, %3F and %23");
  }
  return kind;
}

function wrong(what: string): BackendError {
  return new BackendError(
    "backend_url",
    `BULKPATCH_BACKEND_URL ${what}`,
    "Set it to embedded, redis://host:6379 or postgres://user:password@host:5432/database",
  );
}

/** What is meant where an address names none. */
const PORTS = { redis: 6379, postgres: 5432 } as const;

/** The address with its port, without its password and without parameters, where one may hide too: safe to print. */
export function withoutPassword(url: string): string {
  const parsed = new URL(url);
  const user = parsed.username === "" ? "" : `${parsed.username}@`;
  const port = parsed.hostname === "" || parsed.port !== "" ? "" : `:${PORTS[serverKindOf(url)]}`;
  return `${parsed.protocol}//${user}${parsed.host}${port}${parsed.pathname}`;
}
