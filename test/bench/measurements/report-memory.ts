import { join } from "node:path";
import { type Figure, figure } from "../figure.ts";
import { inOwnProcess } from "../in-own-process.ts";
import type { Measure } from "../measurement.ts";

const SCRIPT = join(import.meta.dirname, "../report-process.ts");
const FEW = 100_000;
const MANY = 300_000;
const MOST = 1_000_000;

/** What writing a report takes in a process that does nothing else, and that more rows take no more; with `--long` up to a million. */
export const measureReportMemory: Measure = async function* ({ long, say }) {
  const peakOf = async (rows: number): Promise<number> => {
    say(`${rows.toLocaleString("en-US")} rows`);
    return (await inOwnProcess<{ mb: number }>(SCRIPT, String(rows))).mb;
  };
  const few = await peakOf(FEW);
  yield resident(FEW, few);
  for (const rows of long ? [MANY, MOST] : [MANY]) {
    const mb = await peakOf(rows);
    yield resident(rows, mb);
    yield figure(`of ${rows / FEW} times as many rows, beside that`, mb / few, "times", { atMost: 1.3 });
  }
};

function resident(rows: number, mb: number): Figure {
  return figure(`resident, the report of ${rows.toLocaleString("en-US")} rows`, mb, "MB", { atMost: 200 });
}
