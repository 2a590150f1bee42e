/**
 * Throws 100,000 files that nobody meant at the reader: `npm run fuzz`, or `npm run fuzz -- --inputs 5000 --seed 42`.
 * Each must get an answer about its rows or one clear line, in time. What fails is made small and printed with the seed that repeats it.
 */
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { renderProblems, type SourceRow } from "../../src/changes/change.ts";
import { SourceError } from "../../src/changes/source.ts";
import { type Reading, readSpreadsheet } from "../changes/read-spreadsheet.ts";
import { type FuzzInput, fuzzInput } from "./inputs.ts";

const { values } = parseArgs({ options: { inputs: { type: "string" }, seed: { type: "string" } } });
const inputs = Number(values.inputs ?? 100_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

const SLOWEST_MS = 2000;
const MOST_MEMORY_MB = 500;

const tally = {
  kinds: new Map<string, number>(),
  answers: new Map<string, number>(),
  rows: 0,
  problems: 0,
  slowestMs: 0,
};
const count = (of: Map<string, number>, key: string) => of.set(key, (of.get(key) ?? 0) + 1);

/** What people read must fit on one line and show no character that does something to a terminal. */
function assertReadable(text: string): void {
  if (/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text))
    throw new Error(`not printable: ${JSON.stringify(text)}`);
  if (/undefined(?! entity)|\[object|NaN|node_modules|\.ts:\d/.test(text)) throw new Error(`not for people: ${text}`);
}

function checkReading({ header, notes, rows, sha256 }: Reading): void {
  for (const note of notes) assertReadable(note);
  if (!/^[\da-f]{64}$/.test(sha256)) throw new Error("no checksum");
  let before = 0;
  for (const row of rows) {
    checkRow(row, header.length);
    if (row.row <= before) throw new Error(`row ${row.row} after row ${before}`);
    before = row.row;
  }
}

function checkRow({ row, cells, change, problems }: SourceRow, width: number): void {
  assertReadable(renderProblems(problems));
  tally.rows++;
  tally.problems += problems.length;
  if ((change === null) !== problems.length > 0) throw new Error(`row ${row} has a change and problems, or neither`);
  if (cells.length !== width && problems[0]?.column !== null) throw new Error(`row ${row} has ${cells.length} cells`);
  if (change === null) return;
  for (const value of Object.values(change.set)) {
    if (value === "" || value === undefined || (typeof value === "number" && !Number.isSafeInteger(value)))
      throw new Error(`row ${row} would send ${String(value)}`);
  }
}

async function tryInput({ kind, bytes, options, chunkSize }: FuzzInput): Promise<void> {
  count(tally.kinds, kind);
  const started = performance.now();
  try {
    checkReading(await readSpreadsheet(bytes, options, chunkSize));
    count(tally.answers, "rows");
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    assertReadable(error.message);
    assertReadable(error.remedy);
    if (error.remedy === "") throw new Error("no remedy", { cause: error });
    count(tally.answers, error.code);
  }
  const ms = performance.now() - started;
  tally.slowestMs = Math.max(tally.slowestMs, ms);
  if (ms > SLOWEST_MS) throw new Error(`took ${Math.round(ms)} ms`);
}

console.log(`fuzz: ${inputs.toLocaleString("en")} inputs, seed ${seed}`);
const started = performance.now();
const result = await fc.check(fc.asyncProperty(fuzzInput, tryInput), { numRuns: inputs, seed });
const seconds = (performance.now() - started) / 1000;
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);

const list = (of: Map<string, number>) =>
  [...of]
    .toSorted((a, b) => b[1] - a[1])
    .map(([key, n]) => `${key} ${n.toLocaleString("en")}`)
    .join(", ");
console.log(`inputs   ${list(tally.kinds)}`);
console.log(`answers  ${list(tally.answers)}`);
console.log(`rows     ${tally.rows.toLocaleString("en")}, problems ${tally.problems.toLocaleString("en")}`);
console.log(
  `time     ${seconds.toFixed(0)} s, slowest ${tally.slowestMs.toFixed(0)} ms; memory at most ${memoryMb} MB`,
);

if (result.failed) {
  const [{ kind, bytes, options, chunkSize }] = result.counterexample!;
  console.error(result.errorInstance);
  console.error(`found in ${kind}, read with ${JSON.stringify(options)} in chunks of ${chunkSize}; as base64:`);
  console.error(bytes.toString("base64"));
  process.exitCode = 1;
} else if (memoryMb > MOST_MEMORY_MB) {
  console.error(`expected at most ${MOST_MEMORY_MB} MB of memory`);
  process.exitCode = 1;
}
