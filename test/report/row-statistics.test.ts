import { expect, test } from "vitest";
import { MOST_SHOWN, RowStatistics } from "../../src/report/row-statistics.ts";
import { makeResult, makeRow, makeRun } from "./sample-run.ts";

test("counts every row and shows the first of each outcome", () => {
  const statistics = new RowStatistics(makeRun());
  for (let n = 0; n < 2_000; n++)
    statistics.add(makeRow(n, { result: makeResult(n % 2 === 0 ? "updated" : "unchanged") }));
  statistics.add(makeRow(2_000, { result: makeResult("failed") }));
  expect(statistics.rows).toBe(2_001);
  expect(statistics.outcomes).toMatchObject({ updated: 1_000, unchanged: 1_000, failed: 1 });
  const { rows, complete } = statistics.sample;
  expect(rows).toHaveLength(2 * MOST_SHOWN.ofOutcome + 1);
  expect(complete).toBe(false);
  expect(rows.map((row) => row.row)).toEqual(rows.map((row) => row.row).toSorted((a, b) => a - b));
});

function wrongTwice(found: string): string {
  return `column "Email": expected one e-mail address, found "${found}"; column "Regex": expected yes or no, found "${found}"`;
}

test("gathers rows by cause, whatever value each of them has", () => {
  const statistics = new RowStatistics(makeRun());
  for (let n = 0; n < 30; n++)
    statistics.add(makeRow(n, { result: makeResult("rejected_invalid", { message: wrongTwice(`v${n}`) }) }));
  for (let n = 30; n < 40; n++) {
    statistics.add(
      makeRow(n, { result: makeResult("failed", { message: `no answer within ${n} ms`, httpStatus: null }) }),
    );
    statistics.add(
      makeRow(n, {
        result: makeResult("rejected_by_api", { message: `value v${n} is reserved`, httpStatus: 422, apiCode: 1004 }),
      }),
    );
    statistics.add(
      makeRow(n, {
        result: makeResult("rejected_not_found", {
          message: `no entry has v${n}`,
          httpStatus: n % 2 === 0 ? 404 : null,
        }),
      }),
    );
  }
  expect(statistics.causes.map(({ outcome, message, rows }) => [outcome, message, rows])).toEqual([
    ["rejected_invalid", 'column "Email": expected one e-mail address; column "Regex": expected yes or no', 30],
    ["rejected_not_found", null, 10],
    ["rejected_by_api", "value v30 is reserved", 10],
    ["failed", "no answer within 30 ms", 10],
  ]);
});

test("stays small, however many different causes, directories and long texts there are", () => {
  const statistics = new RowStatistics(makeRun());
  for (let n = 0; n < 5_000; n++) {
    const long = `${n}${String.fromCodePoint(97 + (n % 26)).repeat(5_000)}`;
    statistics.add(
      makeRow(n, {
        cells: [long],
        entryName: long,
        entryEmail: long,
        result: makeResult("rejected_by_api", { message: long, httpStatus: n }),
      }),
    );
    statistics.add(
      makeRow(n, {
        provenance: long,
        changes: { name: { from: long, to: long } },
        result: makeResult("rejected_directory_synced"),
      }),
    );
  }
  const { causes } = statistics;
  expect(causes.length).toBeLessThan(20);
  expect(causes.reduce((sum, cause) => sum + cause.rows, 0)).toBe(5_000);
  expect(statistics.directories.reduce((sum, directory) => sum + directory.rows, 0)).toBe(5_000);
  expect(JSON.stringify(statistics.sample).length).toBeLessThan(2_500_000);
});
