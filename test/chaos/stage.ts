import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDemoApi } from "../../src/demo/api.ts";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { sampleSpreadsheet, type SampleSpreadsheet } from "../../src/demo/sample-spreadsheet.ts";
import { setUpDesk, type Desk } from "../e2e/run-cli.ts";

export const LIMIT = { requests: 400, windowMs: 5_000, window: "sliding", blockMs: 5_000, retryAfter: true } as const;
const RATE = "380/5s";

const FAILURES = ["500", "502", "503", "reset", "html", "cut-off", "answer-lost"] as const;
/** Of saying that a change was made. */
const ODD_WAYS = ["201", "204", "partial", "gzip", "br", "deflate"] as const;
/** In the headers. */
const LIES = ["no-requests-left", "many-requests-left"] as const;

export interface StageOptions {
  seed: number;
  /** Address of an empty Redis or PostgreSQL, or `embedded`. */
  backendUrl: string;
  /** Of the embedded backend: a folder with an empty database; left out, the first process makes it. */
  dataDir?: string | undefined;
  rows: number;
  /** Share of answers that are faults. */
  faults?: number;
}

/** What a round is played on. */
export interface Stage {
  /** What the registry held before. */
  before: DemoEntry[];
  /** As `changes.csv` on the desk. */
  sheet: SampleSpreadsheet;
  api: DemoApi;
  desk: Desk;
  clear(): Promise<void>;
}

/** A stand-in with a limit that answers in odd ways and counts short, a messy spreadsheet, and a desk. */
export async function setUpStage({ seed, backendUrl, dataDir, rows, faults = 0 }: StageOptions): Promise<Stage> {
  const before = sampleRegistry({ size: Math.ceil(rows * 1.4), seed });
  const sheet = sampleSpreadsheet(before, { rows, seed: seed + 1 });
  const api = await startDemoApi({
    entries: before,
    limit: LIMIT,
    latency: { minMs: 5, maxMs: 60 },
    faults: { share: faults, kinds: [...FAILURES, ...ODD_WAYS, ...LIES] },
    countedShort: 7,
    resultInfo: "text",
    seed,
  });
  const desk = await setUpDesk(api, {
    BULKPATCH_BACKEND_URL: backendUrl,
    BULKPATCH_RATE: RATE,
    BULKPATCH_LOG_LEVEL: "warn",
    ...(dataDir !== undefined && { BULKPATCH_DATA_DIR: dataDir }),
  });
  await writeFile(join(desk.folder, "changes.csv"), sheet.text);
  return {
    before,
    sheet,
    api,
    desk,
    clear: async () => {
      await desk.clear();
      await api.close();
    },
  };
}
