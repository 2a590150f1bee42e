import { expect, test } from "vitest";
import type { RunRow } from "../../src/runs/run.ts";
import { readCsv, renderText } from "./captured-text.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome, streamOf } from "./sample-run.ts";

function syncedRow(n: number, provenance: string | null): RunRow {
  return makeRow(n, {
    provenance,
    changes: { name: { from: "A", to: "B" } },
    result: makeResult("rejected_directory_synced"),
  });
}

test("says for each refused entry what to change, and where", async () => {
  const rows = rowsOfEveryOutcome();
  expect(await renderText("directory-synced", makeRun(rows), rows)).toMatchInlineSnapshot(`
    "﻿row,directory,provenance,impersonation_registry_id,name,email,change,where
    4,Microsoft 365 (Entra ID),SNOOPY-OFFICE_365,f174e90a-fafe-4643-bbbc-000000000002,Ada Lovelace,ada@example.com,"name: ""Ada Lovelace"" → ""Countess Lovelace""; comments: empty → ""VIP""","Change name in Microsoft Entra ID (entra.microsoft.com › Users, or the on-premises Active Directory that feeds it); the directory's next sync brings it into the registry. Can't be changed while the entry is synced: comments."
    "
  `);
});

test("goes directory by directory, in the spreadsheet's order in each, with a pass over the rows for each and none kept", async () => {
  const kinds = ["SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY", null, "SNOOPY-OKTA", "SNOOPY-CASB_OFFICE_365"];
  const rows = Array.from({ length: 10 }, (_, n) => syncedRow(n, kinds[n % kinds.length]!));
  let passes = 0;
  const stream = streamOf(rows);
  const csv = await renderText("directory-synced", makeRun(rows), rows, { rows: () => (passes++, stream()) });
  expect(
    readCsv(csv)
      .slice(1)
      .map(([row, directory]) => `${row} ${directory}`),
  ).toMatchInlineSnapshot(`
    [
      "4 A directory that the API did not name",
      "9 A directory that the API did not name",
      "3 Google Workspace",
      "8 Google Workspace",
      "6 Microsoft 365 (Entra ID, through CASB)",
      "11 Microsoft 365 (Entra ID, through CASB)",
      "2 Microsoft 365 (Entra ID)",
      "7 Microsoft 365 (Entra ID)",
      "5 SNOOPY-OKTA",
      "10 SNOOPY-OKTA",
    ]
  `);
  expect(passes).toBe(kinds.length + 1);
});

test("shows what the file said where the wanted changes are not kept", async () => {
  const rows = [{ ...syncedRow(0, "SNOOPY-OFFICE_365"), changes: null }];
  const [, record] = readCsv(await renderText("directory-synced", makeRun(rows), rows));
  expect(record![6]).toBe("as in the file: Display_Name: Ada Lovelace; Email: ada@example.com");
});

test("loses no row where there are more directories than passes", async () => {
  const rows = Array.from({ length: 60 }, (_, n) => syncedRow(n, `KIND-${n % 30}`));
  const records = readCsv(await renderText("directory-synced", makeRun(rows), rows)).slice(1);
  expect(new Set(records.map(([row]) => row)).size).toBe(60);
  expect(records).toHaveLength(60);
});
