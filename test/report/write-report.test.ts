import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertWritable } from "../../src/report/report-folder.ts";
import { writeReport, type WrittenReport } from "../../src/report/write-report.ts";
import type { Run, RunRow } from "../../src/runs/run.ts";
import { readCsv } from "./captured-text.ts";
import { companyRows, makeResult, makeRow, makeRun, rowsOfEveryOutcome, START, streamOf } from "./sample-run.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "bulkpatch-report-"));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function write(rows: readonly RunRow[], options: { run?: Run; dir?: string } = {}): Promise<WrittenReport> {
  const { run = makeRun(rows) } = options;
  return await writeReport({ run, rows: streamOf(rows), dir: options.dir ?? dir, version: "0.1.0", now: () => START });
}

async function readAll(): Promise<string[]> {
  const files = (await readdir(dir)).toSorted();
  return await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")));
}

/** Permissions in octal, with the setgid bit. */
async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8);
}

test("writes all six files where there is something to say in each", async () => {
  const folder = join(dir, "made", "by the report");
  const written = await write(rowsOfEveryOutcome(), { dir: folder });
  expect(written).toEqual({
    dir: folder,
    files: ["report.csv", "summary.json", "report.html", "failed.csv", "directory-synced.csv", "undo.csv"],
  });
  expect((await readdir(folder)).toSorted()).toEqual(written.files.toSorted());
});

test("writes only the three that always have something to say, where nothing was left to do", async () => {
  const { files } = await write([makeRow(0, { result: makeResult("unchanged") })]);
  expect(files).toEqual(["report.csv", "summary.json", "report.html"]);
  expect(await readdir(dir)).toHaveLength(3);
});

test("writes a report of a run without rows", async () => {
  expect((await write([])).files).toEqual(["report.csv", "summary.json", "report.html"]);
  expect(await readFile(join(dir, "report.html"), "utf8")).toContain("The spreadsheet had no rows.");
});

test("removes what an earlier rendering said and this one does not, and nothing else", async () => {
  await write(rowsOfEveryOutcome());
  await writeFile(join(dir, "failed (corrected by me).csv"), "mine");
  await writeFile(join(dir, ".report.csv.notes"), "mine");
  await write([makeRow(0, { result: makeResult("unchanged") })]);
  expect((await readdir(dir)).toSorted()).toEqual([
    ".report.csv.notes",
    "failed (corrected by me).csv",
    "report.csv",
    "report.html",
    "summary.json",
  ]);
});

test("says the same in all files: outcomes add up to the rows everywhere", async () => {
  const rows = [...companyRows(2_000)];
  const { files } = await write(rows);
  const records = async (file: string): Promise<string[][]> =>
    readCsv(await readFile(join(dir, file), "utf8")).slice(1);
  const summary = JSON.parse(await readFile(join(dir, "summary.json"), "utf8"));
  const report = await records("report.csv");

  expect(files).toHaveLength(6);
  expect(report.map(([row]) => row)).toEqual(rows.map(({ row }) => String(row)));
  for (const [outcome, count] of Object.entries(summary.outcomes))
    expect(report.filter((record) => record[1] === outcome)).toHaveLength(count as number);
  expect(await records("directory-synced.csv")).toHaveLength(summary.outcomes.rejected_directory_synced);
  expect(await records("undo.csv")).toHaveLength(summary.outcomes.updated);
  const { updated, unchanged, rejected_directory_synced } = summary.outcomes;
  expect(await records("failed.csv")).toHaveLength(2_000 - updated - unchanged - rejected_directory_synced);
  expect(await readFile(join(dir, "report.html"), "utf8")).toContain("41 entries are synced from a directory");
});

test("goes by the rows it read where the run has gone on since it was asked for", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows.slice(0, 3), { state: "running", finishedAt: null });
  run.source.rows = 12;
  await write(rows, { run });
  const summary = JSON.parse(await readFile(join(dir, "summary.json"), "utf8"));
  expect(summary.outcomes.failed).toBe(1);
  expect(summary.without_outcome).toBe(1);
});

test("renders the same run to the same bytes", async () => {
  const rows = rowsOfEveryOutcome();
  await write(rows);
  const first = await readAll();
  await write(rows);
  expect(await readAll()).toEqual(first);
});

test("leaves the earlier report whole when the rows break off", async () => {
  const rows = rowsOfEveryOutcome();
  await write(rows);
  const before = await readFile(join(dir, "report.csv"), "utf8");
  async function* broken(): AsyncGenerator<RunRow> {
    yield* rows.slice(0, 4);
    throw new Error("the store went away");
  }
  await expect(writeReport({ run: makeRun(rows), rows: broken, dir, version: "0.1.0" })).rejects.toThrow(
    "the store went away",
  );
  expect(await readFile(join(dir, "report.csv"), "utf8")).toBe(before);
  expect(await readdir(dir)).toHaveLength(6);
});

test("several renderings into one folder at the same time leave one whole report", async () => {
  const rows = [...companyRows(500)];
  await Promise.all([write(rows), write(rows), write(rows)]);
  expect(await readdir(dir)).toHaveLength(6);
  expect(readCsv(await readFile(join(dir, "report.csv"), "utf8"))).toHaveLength(501);
});

test("clears away what a rendering left that was cut off more than an hour ago, and not what another is writing now", async () => {
  const old = join(dir, ".report.csv.0a1b2c3d.tmp");
  const fresh = join(dir, ".undo.csv.4e5f6a7b.tmp");
  await writeFile(old, "half");
  await writeFile(fresh, "half");
  await utimes(old, new Date(0), new Date(0));
  await write([]);
  const names = await readdir(dir);
  expect(names).not.toContain(".report.csv.0a1b2c3d.tmp");
  expect(names).toContain(".undo.csv.4e5f6a7b.tmp");
});

test("says in one line which path can't be written and what to do, and leaves nothing half written", async () => {
  await writeFile(join(dir, "a file"), "");
  await expect(write([], { dir: join(dir, "a file") })).rejects.toMatchObject({
    code: "report_not_written",
    message: `can't write the report to ${join(dir, "a file")}: there is a file of that name where a folder is needed`,
    remedy: expect.stringMatching(/bulkpatch report 2026-11-20-brave-otter.*--out/),
  });

  await mkdir(join(dir, "taken", "report.html"), { recursive: true });
  await expect(write([], { dir: join(dir, "taken") })).rejects.toMatchObject({
    message: `can't write the report to ${join(dir, "taken", "report.html")}: it is a folder`,
  });
  expect((await readdir(join(dir, "taken"))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("keeps what it writes from everybody else, but follows a folder that is shared with a group", async () => {
  const made = join(dir, "reports", "one");
  await write(rowsOfEveryOutcome(), { dir: made });
  expect(await modeOf(join(dir, "reports"))).toBe("700");
  expect(await modeOf(made)).toBe("700");
  for (const file of await readdir(made)) expect(await modeOf(join(made, file)), file).toBe("600");

  const shared = join(dir, "shared");
  await mkdir(shared);
  await chmod(shared, 0o2770);
  await write(rowsOfEveryOutcome(), { dir: shared });
  expect(await modeOf(shared)).toBe("2770");
  for (const file of await readdir(shared))
    expect(await modeOf(join(shared, file)), file).toBe((0o660 & ~process.umask()).toString(8));
});

test("finds out before the run whether its report could be written, and leaves nothing behind", async () => {
  await assertWritable(join(dir, "new", "folder"));
  expect(await readdir(join(dir, "new", "folder"))).toEqual([]);
  await writeFile(join(dir, "a file"), "");
  await expect(assertWritable(join(dir, "a file"))).rejects.toMatchObject({
    code: "report_not_written",
    remedy: "Name a folder that you may write to with --report-dir. Nothing was changed yet.",
  });
  await mkdir(join(dir, "taken", "report.html"), { recursive: true });
  await expect(assertWritable(join(dir, "taken"))).rejects.toThrow("it is a folder");
});

test.skipIf(process.getuid?.() === 0)("says that a folder may not be written", async () => {
  await chmod(dir, 0o500);
  try {
    await expect(write([])).rejects.toThrow("permission denied");
    await expect(assertWritable(dir)).rejects.toThrow("permission denied");
  } finally {
    await chmod(dir, 0o700);
  }
});
