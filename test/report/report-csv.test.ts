import { expect, test } from "vitest";
import { totalOf } from "../../src/runs/outcome.ts";
import { readCsv, renderText } from "./captured-text.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

test("has every row in the spreadsheet's order, our columns first and then the file's own as written", async () => {
  const rows = rowsOfEveryOutcome();
  expect(await renderText("csv", makeRun(rows), rows)).toMatchInlineSnapshot(`
    "﻿row,outcome,impersonation_registry_id,name,email,changed,message,http_status,api_code,attempts,finished_at,ray_id,file: Display_Name,file: Email,file: Comments
    2,updated,f174e90a-fafe-4643-bbbc-000000000000,Ada Lovelace,ada@example.com,"name: ""Ada L."" → ""Ada Lovelace""; comments: ""VIP"" → empty",,200,,1,2026-11-20T14:03:00.000Z,8f1c2d3e4a5b6c7d-FRA,Ada Lovelace,ada@example.com,
    3,unchanged,f174e90a-fafe-4643-bbbc-000000000001,Ada Lovelace,ada@example.com,,,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    4,rejected_directory_synced,f174e90a-fafe-4643-bbbc-000000000002,Ada Lovelace,ada@example.com,,synced from Microsoft 365 (Entra ID): change it there,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    5,rejected_invalid,,,,,"column ""Email"": expected one e-mail address, found ""bob@x, bob@y""",,,0,2026-11-20T14:03:00.000Z,,Bob,"bob@x, bob@y",
    6,rejected_duplicate,f174e90a-fafe-4643-bbbc-000000000004,Ada Lovelace,ada@example.com,,"rows 6, 9 are about the same entry and ask for different things",,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    7,rejected_not_found,,,,,no entry has the e-mail address ada@example.com,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    8,rejected_ambiguous,,,,,2 entries have the e-mail address ada@example.com; name one by its id,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    9,rejected_conflict,f174e90a-fafe-4643-bbbc-000000000007,Ada Lovelace,ada@example.com,,the entry was changed at 2026-11-20T13:00:00Z,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    10,rejected_by_api,f174e90a-fafe-4643-bbbc-000000000008,Ada Lovelace,ada@example.com,,name is reserved,422,1004,1,2026-11-20T14:03:00.000Z,8f1c2d3e4a5b6c7d-FRA,Ada Lovelace,ada@example.com,
    11,failed,f174e90a-fafe-4643-bbbc-000000000009,Ada Lovelace,ada@example.com,,Service Unavailable,503,,15,2026-11-20T14:03:00.000Z,8f1c2d3e4a5b6c7d-FRA,Ada Lovelace,ada@example.com,
    12,cancelled,f174e90a-fafe-4643-bbbc-00000000000a,Ada Lovelace,ada@example.com,,not tried: the run was cancelled first,,,0,2026-11-20T14:03:00.000Z,,Ada Lovelace,ada@example.com,
    13,,f174e90a-fafe-4643-bbbc-00000000000b,Ada Lovelace,ada@example.com,,no outcome yet: the run is finished,,,,,,Ada Lovelace,ada@example.com,
    "
  `);
});

test("has as many rows of each outcome as the run counts", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  const [, ...records] = readCsv(await renderText("csv", run, rows));
  expect(records).toHaveLength(run.source.rows);
  for (const [outcome, count] of Object.entries(run.outcomes))
    expect(records.filter((record) => record[1] === outcome)).toHaveLength(count);
  expect(records.filter((record) => record[1] === "")).toHaveLength(run.source.rows - totalOf(run.outcomes));
});

test("says of a row without an outcome that it has none yet, and in which state the run is", async () => {
  const rows = [makeRow(0)];
  const [, record] = readCsv(await renderText("csv", makeRun(rows, { state: "paused" }), rows));
  expect(record!.slice(0, 12)).toEqual([
    "2",
    "",
    makeRow(0).entryId,
    "Ada Lovelace",
    "ada@example.com",
    "",
    "no outcome yet: the run is paused",
    "",
    "",
    "",
    "",
    "",
  ]);
});

test("claims no old values after a run that never saw them", async () => {
  const rows = [makeRow(0, { changes: { name: { from: null, to: "New" } }, result: makeResult("updated") })];
  const run = makeRun(rows);
  const [, record] = readCsv(await renderText("csv", { ...run, options: { ...run.options, noPlan: true } }, rows));
  expect(record![5]).toBe('name: "New"');
});

test("keeps the file's columns apart from ours of the same name, by what stands before them", async () => {
  const rows = [makeRow(0, { cells: ["Ada from the file", "file@example.com"], result: makeResult("unchanged") })];
  const run = makeRun(rows);
  run.source.header = ["name", "email"];
  const [header, record] = readCsv(await renderText("csv", run, rows));
  expect(header!.slice(12)).toEqual(["file: name", "file: email"]);
  expect([record![3], record![12]]).toEqual(["Ada Lovelace", "Ada from the file"]);
});

test("keeps the columns in line where a row is shorter or longer than the header", async () => {
  const rows = [makeRow(0, { cells: ["short"] }), makeRow(1, { cells: ["a", "b", "c", "too", "long"] })];
  const [header, short, long] = readCsv(await renderText("csv", makeRun(rows), rows));
  expect(short).toHaveLength(header!.length);
  expect(long!.slice(12)).toEqual(["a", "b", "c", "too", "long"]);
});

test("defuses formulas wherever they come from: cells, header, entry, API message", async () => {
  const formula = '=HYPERLINK("http://evil.example","click")';
  const rows = [
    makeRow(0, {
      cells: [formula, "+1", "@x"],
      entryName: formula,
      entryEmail: "-1",
      result: makeResult("rejected_by_api", { message: formula, rayId: "=1" }),
    }),
  ];
  const run = makeRun(rows);
  run.source.header = [formula, "Email", "Comments"];
  const cells = readCsv(await renderText("csv", run, rows)).flat();
  expect(cells.filter((cell) => /^\s*[=+\-@\t\r]/.test(cell))).toEqual([]);
  expect(cells.filter((cell) => cell === `'${formula}`)).toHaveLength(3);
});

test("says in the message what was warned of", async () => {
  const warnings = [{ code: "free_mail_domain", message: "anybody gets an address at the domain gmail.com" }];
  const rows = [
    makeRow(0, { warnings, result: makeResult("updated") }),
    makeRow(1, { warnings, result: makeResult("rejected_invalid", { message: "free_mail_domain: as above" }) }),
  ];
  const [, updated, rejected] = readCsv(await renderText("csv", makeRun(rows), rows));
  expect(updated![6]).toBe("warning free_mail_domain: anybody gets an address at the domain gmail.com");
  expect(rejected![6]).toBe("free_mail_domain: as above");
});
