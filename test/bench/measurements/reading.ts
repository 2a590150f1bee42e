import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { openSource } from "../../../src/changes/open-source.ts";
import { figure } from "../figure.ts";
import { inOwnProcess } from "../in-own-process.ts";
import type { Measure } from "../measurement.ts";
import { takeTurns, timed } from "../turns.ts";

const ROWS = 200_000;
const TURNS = 5;
const MANY = 1_000_000;

/** Reading and checking a spreadsheet beside csv-parse alone on the same file, and what a million rows take in a process that does nothing else. */
export const measureReading: Measure = async function* ({ say }) {
  const folder = await mkdtemp(join(tmpdir(), "reading-"));
  for (const [name, makeRow] of [
    ["four ordinary columns", ordinaryRow],
    ["quoted, every row with a problem", faultyRow],
  ] as const) {
    say(`${ROWS} rows, ${name}`);
    const path = join(folder, "rows.csv");
    await writeRows(path, ROWS, makeRow);
    const { median, ratio } = await takeTurns(TURNS, {
      bare: () => rowsPerSecond(() => countBare(path)),
      ours: () => rowsPerSecond(() => countOurs(path)),
    });
    yield figure(`reading and checking, of csv-parse alone: ${name}`, ratio("ours", "bare"), "times", { atLeast: 0.6 });
    yield figure(`reading and checking: ${name}`, median.ours, "rows/s");
  }

  say(`${MANY} rows`);
  const path = join(folder, "million.csv");
  await writeRows(path, MANY, ordinaryRow);
  const read = await inOwnProcess<{ rows: number; mb: number }>(join(import.meta.dirname, "../read-process.ts"), path);
  if (read.rows !== MANY) throw new Error(`expected ${MANY} rows, read ${read.rows}`);
  yield figure("resident, reading a million rows", read.mb, "MB", { atMost: 200 });
};

async function rowsPerSecond(count: () => Promise<number>): Promise<number> {
  let rows = 0;
  globalThis.gc!();
  const ms = await timed(async () => {
    rows = await count();
  });
  if (rows !== ROWS) throw new Error(`expected ${ROWS} rows, read ${rows}`);
  return rows / (ms / 1_000);
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
