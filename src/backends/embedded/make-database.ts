import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";

/**
 * Makes a PostgreSQL database in `folder`, which must not be there. That takes some seconds of a core and 700 MB: in a process of its own, so
 * that this one can meanwhile read a file and ask the API, and stays small. It is made beside its place and moved there when it is complete:
 * where this process is killed, the other one may go on for a moment. Rejects with what made it fail.
 */
export async function makeDatabase(folder: string): Promise<void> {
  const prefix = `${folder}.new-`;
  await removeLeftOvers(prefix);
  const made = await mkdtemp(prefix);
  try {
    await makeIn(made);
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

async function makeIn(folder: string): Promise<void> {
  // compiled, it is JavaScript
  const program = fileURLToPath(new URL(`./make-database-process${extname(import.meta.url)}`, import.meta.url));
  const maker = spawn(process.execPath, ["--liftoff-only", program, folder], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true, // a Ctrl-C is this process's to hear
    windowsHide: true,
  });
  const [said, [code]] = await Promise.all([text(maker.stderr), once(maker, "close")]);
  if (code !== 0) throw new Error(said.trim() || `making a database ended with ${code}`);
}

/** Of processes that were killed. One of them that still writes keeps its own, until the next time. */
async function removeLeftOvers(prefix: string): Promise<void> {
  const parent = dirname(prefix);
  const names = (await readdir(parent)).filter((name) => name.startsWith(basename(prefix)));
  for (const name of names) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
}
