import { createWriteStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DemoEntry } from "../../../src/demo/demo-entry.ts";
import { figure } from "../figure.ts";
import { inOwnProcess } from "../in-own-process.ts";
import type { Measure } from "../measurement.ts";
import { startStandIn } from "../stand-in.ts";

const ENTRIES = 100_000;
const SCRIPT = join(import.meta.dirname, "../plan-process.ts");

/** What a plan of 100,000 rows against a registry of 100,000 entries takes in a process that does nothing else, and how much of it the view of the registry keeps. */
export const measurePlanMemory: Measure = async function* ({ say }) {
  const api = await startStandIn({ entries: ENTRIES });
  const folder = await mkdtemp(join(tmpdir(), "plan-memory-"));
  try {
    const entries = await api.entries();
    for (const [name, header, cellOf] of [
      ["by id", "id", (entry: DemoEntry) => entry.id],
      ["by address", "email", (entry: DemoEntry) => `"${entry.email}"`],
    ] as const) {
      say(`${ENTRIES} rows ${name}`);
      const path = join(folder, "rows.csv");
      await pipeline(function* () {
        yield `${header},name,comments\n`;
        for (const entry of entries) yield `${cellOf(entry)},${entry.name},Changed by the bench\n`;
      }, createWriteStream(path));
      const { mb: plan } = await inOwnProcess<{ mb: number }>(SCRIPT, "plan", path, JSON.stringify(api));
      yield figure(`resident, a plan of 100,000 rows ${name} against 100,000 entries`, plan, "MB", { atMost: 300 });
      const { mb: view } = await inOwnProcess<{ mb: number }>(SCRIPT, "view", path, JSON.stringify(api));
      yield figure(`of it the view of the registry, ${name}`, view, "MB", { atMost: 60 });
    }
  } finally {
    await api.stop();
  }
};
