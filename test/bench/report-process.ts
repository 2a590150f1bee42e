import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allRows, type KeptRow } from "../../src/backends/page-of-rows.ts";
import { encodeEnded, encodeGiven } from "../../src/backends/row-codec.ts";
import { keepHeapLean } from "../../src/lean-heap.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { companyRow, makeRun } from "../report/sample-run.ts";
import { peakMb } from "./peak-memory.ts";

/*
 * Writes the report of one run, from rows as a datastore answers them, and does nothing else: `node report-process.ts ROWS`.
 * Prints `{"mb"}`, the most that was resident.
 */

keepHeapLean(); // as the command line does
const rows = Number(process.argv[2]);
const run = makeRun();
run.source.rows = rows;

async function from(start: number, limit: number): Promise<KeptRow[]> {
  return Array.from({ length: Math.min(limit, rows - start) }, (_, i) => {
    const row = companyRow(start + i);
    return { n: row.n, given: encodeGiven(row), ended: row.result && encodeEnded({ result: row.result }) };
  });
}

const dir = await mkdtemp(join(tmpdir(), "report-"));
try {
  await writeReport({ run, rows: () => allRows({ from }, 0), dir, version: "0.0.0" });
} finally {
  await rm(dir, { recursive: true });
}
process.stdout.write(JSON.stringify({ mb: peakMb() }));
