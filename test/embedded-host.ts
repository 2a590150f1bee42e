import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../src/backends/open.ts";
import type { DatastoreHost } from "./datastore-host.ts";

/** PostgreSQL's template1 and template0, which nobody opens: two thirds of the files. */
const NEVER_OPENED = ["db/base/1", "db/base/4"];

/** Makes one embedded folder, which takes seconds, and hands out copies of it, which take a moment. They go at the end of the test run. */
export async function hostEmbedded(): Promise<DatastoreHost> {
  const root = await mkdtemp(join(tmpdir(), "bulkpatch-embedded-"));
  const template = join(root, "template");
  const backend = await openBackend({ url: null, dataDir: template });
  await backend.close();
  for (const folder of NEVER_OPENED) await rm(join(template, folder), { recursive: true });
  return {
    fresh: async () => {
      const dataDir = await mkdtemp(join(root, "copy-"));
      // A tenth of what the asynchronous one takes for a thousand small files.
      cpSync(template, dataDir, { recursive: true });
      return dataDir;
    },
    stop: () => rm(root, { recursive: true, force: true }),
  };
}
