import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Desk } from "./run-cli.ts";

/** Row number → outcome, from the desk's `report/report.csv`. Throws when a row is there twice. */
export async function reportedOutcomes({ folder }: Pick<Desk, "folder">): Promise<Map<number, string>> {
  const text = await readFile(join(folder, "report", "report.csv"), "utf8");
  const [, ...rows] = parse(text, { bom: true, relax_column_count: false });
  const outcomes = new Map<number, string>();
  for (const [row, outcome] of rows) {
    if (outcomes.has(Number(row))) throw new Error(`row ${row} is in the report twice`);
    outcomes.set(Number(row), outcome!);
  }
  return outcomes;
}
