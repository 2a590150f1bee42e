import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { parse } from "csv-parse";
import { openSource } from "../../src/changes/open-source.ts";

/*
 * npm run bench:reading: reading and checking a spreadsheet against csv-parse alone, turn by turn on the same file, and what
 * a million rows take in memory in a process that does nothing else. Ends with 1 when a goal of the design is missed.
 */

const ROWS = 200_000;
const ROUNDS = 5;
const RATIO_GOAL = 0.6;
const MEMORY_ROWS = 1_000_000;
const MEMORY_GOAL_MB = 200;

const [mode, file] = process.argv.slice(2);
if (mode === "--read-only") await printMemory(file!);
else await benchmark();

async function benchmark(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-reading-"));
  try {
    const shapes = { "four ordinary columns": ordinaryRow, "quoted, every row with a problem": faultyRow };
    const table: Record<string, Record<string, number>> = {};
    for (const [name, makeRow] of Object.entries(shapes)) {
      const path = join(folder, "rows.csv");
      await writeRows(path, ROWS, makeRow);
      table[name] = await compare(path);
    }
    console.table(table);

    const path = join(folder, "million.csv");
    await writeRows(path, MEMORY_ROWS, ordinaryRow);
    const memoryMb = await memoryOf(path);
    const goals = [
      ...Object.entries(table).map(([name, { ratio }]) => ({
        goal: `at least ${RATIO_GOAL} of csv-parse alone: ${name}`,
        measured: `${ratio}`,
        met: ratio! >= RATIO_GOAL,
      })),
      {
        goal: `a million rows in less than ${MEMORY_GOAL_MB} MB`,
        measured: `${memoryMb} MB`,
        met: memoryMb < MEMORY_GOAL_MB,
      },
    ];
    console.table(goals);
    if (!goals.every(({ met }) => met)) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Rows a second of each, the median of the rounds; the first round warms up. */
async function compare(path: string): Promise<Record<string, number>> {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    bare.push(await rowsPerSecond(() => countBare(path)));
    ours.push(await rowsPerSecond(() => countOurs(path)));
  }
  const [bareRate, ourRate] = [median(bare.slice(1)), median(ours.slice(1))];
  return {
    "csv-parse rows/s": Math.round(bareRate),
    "bulkpatch rows/s": Math.round(ourRate),
    ratio: Math.round((ourRate / bareRate) * 100) / 100,
  };
}

async function rowsPerSecond(count: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const rows = await count();
  if (rows !== ROWS) throw new Error(`expected ${ROWS} rows, read ${rows}`);
  return rows / ((performance.now() - started) / 1000);
}

async function countBare(path: string): Promise<number> {
  let rows = -1;
  for await (const _ of createReadStream(path).pipe(parse())) rows++;
  return rows;
}

async function countOurs(path: string): Promise<number> {
  const source = await openSource(path);
  let rows = 0;
  for await (const _ of source.rows()) rows++;
  await source.close();
  return rows;
}

/** The most that a process of its own held while it read the file. */
async function memoryOf(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, "--read-only", path]);
  const { rows, mb } = JSON.parse(stdout) as { rows: number; mb: number };
  if (rows !== MEMORY_ROWS) throw new Error(`expected ${MEMORY_ROWS} rows, read ${rows}`);
  return mb;
}

async function printMemory(path: string): Promise<void> {
  const rows = await countOurs(path);
  console.log(JSON.stringify({ rows, mb: Math.round(process.resourceUsage().maxRSS / 1024) }));
}

async function writeRows(path: string, rows: number, makeRow: (n: number) => string): Promise<void> {
  const text = function* () {
    yield "impersonation_registry_id,email,name,comments\r\n";
    for (let n = 0; n < rows; n++) yield makeRow(n);
  };
  await pipeline(text(), createWriteStream(path));
}

function ordinaryRow(n: number): string {
  const comment = n % 3 === 0 ? "moved to Finance" : "";
  return `f174e90a-fafe-4643-bbbc-${String(n).padStart(12, "0")},person${n}@example.com,Person Number ${n},${comment}\r\n`;
}

function faultyRow(n: number): string {
  return `"","person${n}@example.com, second${n}@example.com","Person ""P"" Number ${n}","one\r\ntwo"\r\n`;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
