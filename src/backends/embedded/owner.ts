import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Who holds a folder; for messages only, as the lock itself is the operating system's. */
export interface Owner {
  pid: number;
  host: string;
  /** `bulkpatch run`, without its arguments: they may hold what is nobody's business. */
  command: string;
  /** Epoch milliseconds. */
  since: number;
}

/** This process, as others are told who holds the folder. */
export function thisProcess(): Owner {
  const command = process.argv[2] ?? "";
  return {
    pid: process.pid,
    host: hostname(),
    command: /^[a-z][a-z-]*$/.test(command) ? `bulkpatch ${command}` : "bulkpatch",
    since: Date.now(),
  };
}

/** Leaves word in the folder of who holds it. */
export async function writeOwner(dataDir: string, owner: Owner): Promise<void> {
  await writeFile(fileIn(dataDir), JSON.stringify(owner), { mode: 0o600 });
}

/** Null where nobody wrote it, or it can't be read. */
export async function readOwner(dataDir: string): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(fileIn(dataDir), "utf8")) as Owner;
  } catch {
    return null;
  }
}

/** Takes back what `writeOwner` left. */
export async function removeOwner(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}

/** `bulkpatch run (process 4711 on alpha, since 2026-11-24 10:15 UTC)`. */
export function describeOwner(owner: Owner | null): string {
  if (owner === null) return "another process";
  const since = new Date(owner.since).toISOString().slice(0, 16).replace("T", " ");
  return `${owner.command} (process ${owner.pid} on ${owner.host}, since ${since} UTC)`;
}

function fileIn(dataDir: string): string {
  return join(dataDir, "owner.json");
}
