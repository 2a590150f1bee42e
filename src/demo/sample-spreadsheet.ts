import type { DemoEntry } from "./demo-entry.ts";
import { seededRandom } from "./random.ts";
import { COLUMNS, createSampleRows, type ExpectedRow, ROW_KINDS, type RowKind } from "./sample-rows.ts";

export interface SampleSpreadsheetOptions {
  /** Data rows, default 60. */
  rows?: number;
  /** The same seed gives the same spreadsheet, default 1. */
  seed?: number;
  /** The share of each kind of row, relative to the others; kinds left out have none. Default: `SAMPLE_MIX`. */
  mix?: Partial<Record<RowKind, number>>;
  /** Default `,`. */
  delimiter?: "," | ";" | "\t" | "|";
  /** Starts with a byte order mark, as Excel's "CSV UTF-8" does. Default false. */
  bom?: boolean;
  /** Default `\n`. */
  newline?: "\n" | "\r\n";
  /** The share of data rows that an empty line follows, default 0. */
  emptyLines?: number;
}

export interface SampleSpreadsheet {
  text: string;
  expected: ExpectedRow[];
}

/** Rows as people have them: mostly changes, some that are already so, and every kind that can't be done. */
const SAMPLE_MIX: Record<RowKind, number> = {
  update: 40,
  unchanged: 25,
  synced: 12,
  "unknown-id": 3,
  "unknown-email": 4,
  invalid: 8,
  repeat: 3,
  conflict: 3,
  ambiguous: 2,
};

/**
 * A messy spreadsheet for this registry, with the outcome that each of its rows must have.
 * No two rows are about the same entry, but those that are meant to be. Throws RangeError when the registry is too small.
 */
export function sampleSpreadsheet(
  registry: readonly DemoEntry[],
  {
    rows = 60,
    seed = 1,
    mix = SAMPLE_MIX,
    delimiter = ",",
    bom = false,
    newline = "\n",
    emptyLines = 0,
  }: SampleSpreadsheetOptions = {},
): SampleSpreadsheet {
  // Not the registry's own sequence: its ids would come again as unknown ones.
  const random = seededRandom(seed ^ 0x5eed_f11e);
  const makers = createSampleRows(registry, random);
  const kinds = ROW_KINDS.flatMap((kind) => Array.from({ length: mix[kind] ?? 0 }, () => kind));
  const made = [];
  while (made.length < rows) {
    const group = makers.make(random.pick(kinds), rows - made.length);
    made.push(...group);
  }

  const lines = [HEADER.map((title) => quote(title, delimiter)).join(delimiter)];
  const expected: ExpectedRow[] = [];
  for (const { cells, ...rest } of random.shuffle(made)) {
    lines.push(COLUMNS.map((column) => quote(cells[column] ?? "", delimiter)).join(delimiter));
    expected.push({ row: lines.length, ...rest });
    if (random.chance(emptyLines)) lines.push("");
  }
  return { text: `${bom ? "\uFEFF" : ""}${lines.join(newline)}${newline}`, expected: firstOfRepeatsWins(expected) };
}

const HEADER = [
  "Entry ID",
  "Current Email",
  "E-mail",
  "Display Name",
  "Comments",
  "Is email regex",
  "Directory_ID",
  "Department",
];

/** Of rows that say the same about an entry, the first in the file does it. */
function firstOfRepeatsWins(expected: ExpectedRow[]): ExpectedRow[] {
  const done = new Set<string>();
  return expected.map((row) => {
    if (row.kind !== "repeat" || row.entryId === null) return row;
    if (done.has(row.entryId)) return { ...row, outcome: "unchanged", set: null };
    done.add(row.entryId);
    return row;
  });
}

function quote(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
