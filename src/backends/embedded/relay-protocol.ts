import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Owner } from "./owner.ts";
import type { Answer } from "./pglite-session.ts";

/*
 * How a process that does not hold the folder asks the one that does: JSON, a line each, on a socket that only this user may
 * open. The owner greets; then each request is one statement, answered in any order. There are no transactions, since
 * PGlite is one session and somebody else's would be in between: what must happen in one step is one statement.
 */

/** Raised with every change that an older bulkpatch would not understand. */
export const RELAY_VERSION = 1;

/** The owner's first line. */
export interface Greeting {
  relay: number;
  /** Of the schema `bulkpatch`: statements made for another would not fit. */
  schema: number;
  owner: Owner;
}

/** One statement. */
export interface RelayRequest {
  id: number;
  text: string;
  values?: readonly unknown[];
}

/** The answer to the request of this id. */
export type RelayResponse = ({ id: number } & Answer) | { id: number; error: RelayedError };

/** What matters of an error to whoever asked; `remedy` makes it a BackendError again. */
export interface RelayedError {
  message: string;
  code?: string | undefined;
  detail?: string | undefined;
  remedy?: string | undefined;
}

const FILE = "relay.sock";
/** A socket's path may be about this long, on some systems. */
const LONGEST_PATH = 100;

/**
 * Where the owner of a folder listens: in the folder, or in a folder of its own where the path would be too long for a
 * socket; a pipe on Windows.
 */
export function relayPath(dataDir: string): string {
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\bulkpatch-${name}`;
  const inside = join(dataDir, FILE);
  return Buffer.byteLength(inside) <= LONGEST_PATH ? inside : join(tmpdir(), `bulkpatch-${name}`, FILE);
}
