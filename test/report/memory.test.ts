import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { writeReport } from "../../src/report/write-report.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { companyRows, makeRun } from "./sample-run.ts";

const ROWS = 200_000;
const MIB = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is reachable, MiB. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / MIB;
}

test("writing the report of 200,000 rows holds no more than that of a few", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bulkpatch-large-"));
  try {
    const before = heapInUse();
    let most = 0;
    async function* rows(): AsyncGenerator<RunRow> {
      let count = 0;
      for (const row of companyRows(ROWS)) {
        yield row;
        if (++count % 50_000 === 0) most = Math.max(most, heapInUse() - before);
      }
    }
    const run = makeRun();
    run.source.rows = ROWS;
    await writeReport({ run, rows, dir, version: "0.1.0" });

    const written = (await stat(join(dir, "report.csv"))).size / MIB;
    expect(written).toBeGreaterThan(40);
    expect(most).toBeLessThan(16);
  } finally {
    await rm(dir, { recursive: true });
  }
});
