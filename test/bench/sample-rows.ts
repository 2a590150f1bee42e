import type { Backend } from "../../src/backends/backend.ts";
import type { RecordedResult } from "../../src/runs/row-store.ts";
import type { NewRun } from "../../src/runs/run.ts";
import { ended, event, sampleRun } from "../backends/sample-run.ts";
import { ordinaryRow } from "./ways/bulkpatch-run.ts";

/** Of so many rows one is `failed`, with a code; its neighbour is `unchanged`. */
const EVERY = 10;
const AT_ONCE = 500;

/** The code that every tenth row failed with. */
export const FAILED_WITH = 1_002;

/** A run of so many rows, most of them ended; every fifth is left open, so that recording has something to do. Answers its id. */
export async function makeSampleRun(backend: Backend, rows: number, overrides: Partial<NewRun> = {}): Promise<string> {
  const run = sampleRun(overrides);
  await backend.runs.create({ ...run, source: { ...run.source, rows } }, event(run.state));
  for (let from = 0; from < rows; from += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => from + i);
    await backend.rows.stage(
      run.id,
      numbers.map((n) => ordinaryRow(n, idOf(n), `Comment of number ${n} here`)),
    );
    await backend.rows.record(run.id, numbers.filter((n) => n % 5 !== 3).map(resultOf));
  }
  return run.id;
}

/** How the nth of the rows that were left open ends. */
export function endOpenRow(n: number): RecordedResult {
  return ended(3 + n * 5);
}

function resultOf(n: number): RecordedResult {
  if (n % EVERY === 0) return ended(n, "failed", { httpStatus: 500, apiCode: FAILED_WITH, message: "no answer" });
  return n % EVERY === 1 ? ended(n, "unchanged") : ended(n);
}

function idOf(n: number): string {
  return `5a0ed0e4-3c1f-4d2a-9b7e-${String(n).padStart(12, "0")}`;
}
