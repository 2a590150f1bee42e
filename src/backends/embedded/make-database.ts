import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { chooseWasmTiers } from "./wasm-tiers.ts";

/**
 * Makes a PostgreSQL database in an empty folder, which takes some seconds of a core: on a thread of its own, so that this one can
 * meanwhile read a file and ask the API; takes 700 MB meanwhile. Rejects with what made it fail.
 */
export async function makeDatabase(folder: string): Promise<void> {
  // compiled, it is JavaScript
  const thread = new URL(`./make-database-thread${extname(import.meta.url)}`, import.meta.url);
  chooseWasmTiers(0);
  const worker = new Worker(thread, { workerData: folder });
  await once(worker, "exit"); // rejects with the thread's error
}
