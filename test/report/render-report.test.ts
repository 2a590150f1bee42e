import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatOfName, REPORT_FORMATS } from "../../src/report/report-format.ts";
import { renderReport, renderReportFile } from "../../src/report/render-report.ts";
import { captureText } from "./captured-text.ts";
import { companyRows, makeResult, makeRow, makeRun, rowsOfEveryOutcome, streamOf } from "./sample-run.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "bulkpatch-render-"));
});

// oxlint-disable-next-line require-yield -- that is the point
async function* broken(): AsyncGenerator<never> {
  throw new Error("the store went away");
}

afterEach(async () => {
  await rm(dir, { recursive: true });
});

test("renders every form, and says how many rows are in it", async () => {
  const rows = rowsOfEveryOutcome();
  const counts: Record<string, number> = {};
  for (const format of REPORT_FORMATS) {
    const { out, text } = captureText();
    counts[format] = (
      await renderReport(format, { run: makeRun(rows), rows: streamOf(rows), out, version: "0.1.0" })
    ).rows;
    expect(text()).not.toBe("");
    expect(out.writableEnded).toBe(false);
  }
  expect(counts).toEqual({ csv: 12, json: 12, html: 12, failed: 8, "directory-synced": 1, undo: 1 });
});

test("gives a CSV form without rows its header, and says that it has none", async () => {
  const rows = [makeRow(0, { result: makeResult("unchanged") })];
  const { out, text } = captureText();
  expect(await renderReport("undo", { run: makeRun(rows), rows: streamOf(rows), out, version: "0.1.0" })).toEqual({
    rows: 0,
  });
  expect(text()).toMatch(/^\uFEFFimpersonation_registry_id,.*\r\n$/);
});

test("writes a file whole, into a folder it makes, in place of an older one", async () => {
  const file = join(dir, "new", "people.csv");
  for (const count of [20, 10]) {
    const rows = [...companyRows(count)];
    await renderReportFile("csv", { run: makeRun(rows), rows: streamOf(rows), file, version: "0.1.0" });
  }
  expect((await readFile(file, "utf8")).trimEnd().split("\r\n")).toHaveLength(11);
  expect(await readdir(join(dir, "new"))).toEqual(["people.csv"]);
});

test("does not touch an older file when the rows break off", async () => {
  const file = join(dir, "people.csv");
  const rows = [...companyRows(3)];
  const run = makeRun(rows);
  await renderReportFile("csv", { run, rows: streamOf(rows), file, version: "0.1.0" });
  await expect(renderReportFile("csv", { run, rows: broken, file, version: "0.1.0" })).rejects.toThrow(
    "the store went away",
  );
  expect(await readFile(file, "utf8")).toContain("Lovelace");
  expect(await readdir(dir)).toEqual(["people.csv"]);
});

test("says in one line which file can't be written, and why", async () => {
  const rows = [...companyRows(3)];
  const file = join(dir, "x".repeat(300));
  await expect(
    renderReportFile("csv", { run: makeRun(rows), rows: streamOf(rows), file, version: "0.1.0" }),
  ).rejects.toMatchObject({
    code: "report_not_written",
    message: `can't write the report to ${file}: the name is too long`,
  });
});

test.skipIf(process.platform !== "linux")(
  "throws what the stream fails with: a disk that is full, a reader that went away",
  async () => {
    const rows = [...companyRows(5)];
    const options = { run: makeRun(rows), rows: streamOf(rows), version: "0.1.0" };
    const full = createWriteStream("/dev/full");
    await expect(renderReport("csv", { ...options, out: full })).rejects.toThrow("ENOSPC");
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    await expect(renderReport("html", { ...options, out: gone })).rejects.toThrow("EPIPE");
  },
);

test("takes the format from the name of a file", () => {
  const names = [
    "x.csv",
    "a/REPORT.HTML",
    "s.json",
    "failed.csv",
    "out/undo.csv",
    "directory-synced.csv",
    "reports",
    "of.2026",
  ];
  expect(names.map(formatOfName)).toEqual(["csv", "html", "json", "failed", "undo", "directory-synced", null, null]);
});
