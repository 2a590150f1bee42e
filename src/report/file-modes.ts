import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/*
 * Reports and exports are lists of people worth imitating: nobody else on the machine may read them. A folder that was set up to be
 * shared with a group (its setgid bit) says otherwise: there the group may do with a file what it may do in the folder.
 */

const OWNER_ONLY = 0o600;
const SETGID = 0o2000;

/** Permissions of a new file at this path. */
export function modeOfNewFile(path: string): number {
  const folder = statSync(dirname(path), { throwIfNoEntry: false })?.mode ?? 0;
  return (folder & SETGID) === 0 ? OWNER_ONLY : OWNER_ONLY | (folder & 0o060);
}

/** Makes a folder, and those above it, where they are missing: open to its owner alone. One that is there keeps its permissions. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}
