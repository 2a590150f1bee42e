import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi, type DemoApiOptions } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import type { RunView } from "../../src/runs/view.ts";
import { embeddedForTest } from "../datastores.ts";
import { commentOf, commentSheet } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { type Desk, setUpDesk, type Started } from "./run-cli.ts";

/** A stand-in, a desk in front of it, and a spreadsheet `changes.csv` that changes the comment of each of its entries. */
export interface World {
  api: DemoApi;
  desk: Desk;
  entries: DemoEntry[];
  /** The id of the run that this command works on, as soon as it says so. */
  runOf(command: Started): Promise<string>;
  status(id: string): Promise<RunView>;
  /** Entries of the stand-in that don't have what their row says, and others that were touched. */
  differences(rows?: number): string[];
  close(): Promise<void>;
}

export async function setUpWorld({
  rows,
  api: options = {},
  settings,
}: {
  rows: number;
  api?: DemoApiOptions;
  /** Default: an empty embedded database. */
  settings?: Record<string, string>;
}): Promise<World> {
  const entries = sampleRegistry({ size: rows, seed: rows, syncedShare: 0 });
  const api = await startDemoApi({ entries, ...options });
  const desk = await setUpDesk(api, settings ?? { BULKPATCH_DATA_DIR: await embeddedForTest() });
  await writeFile(join(desk.folder, "changes.csv"), commentSheet(entries));
  return {
    api,
    desk,
    entries,
    runOf: async (command) =>
      await until("the run is running", () => {
        if (command.child.exitCode !== null) throw new Error(`the command ended: ${command.output().stderr}`);
        return /^Run (\S+) is running/m.exec(command.output().stderr)?.[1];
      }),
    status: async (id) => (await desk.call(["status", id, "--json"])).json<RunView>(),
    differences: (changed = rows) =>
      entries.flatMap((before, n) => {
        const { comments } = api.registry.get(before.id)!;
        const wanted = n < changed ? commentOf(n) : before.comments;
        return comments === wanted
          ? []
          : [`row ${n + 2}: ${JSON.stringify(comments)} instead of ${JSON.stringify(wanted)}`];
      }),
    close: async () => {
      await desk.clear();
      await api.close();
    },
  };
}

/** `api.set(AT_ONCE)`: the stand-in takes no time any more, where what it was slow for has been seen. */
export const AT_ONCE = { latency: { minMs: 0, maxMs: 0 } };

/** PATCH calls of the stand-in, in order of arrival. */
export function patchesOf(api: Pick<DemoApi, "requests">): { at: number; id: string; status: number }[] {
  return api
    .requests()
    .filter(({ method }) => method === "PATCH")
    .map(({ at, path, status }) => ({ at, status, id: path.slice(path.lastIndexOf("/") + 1) }));
}
