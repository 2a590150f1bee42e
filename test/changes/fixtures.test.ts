import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openSource } from "../../src/changes/open-source.ts";
import type { ReadOptions } from "../../src/changes/source.ts";
import { problemsOf, readSpreadsheet } from "./read-spreadsheet.ts";
import type { SourceRow } from "../../src/changes/change.ts";

async function read(name: string, options: ReadOptions = {}) {
  const source = await openSource(join(import.meta.dirname, "fixtures", name), options);
  try {
    const rows: SourceRow[] = [];
    for await (const row of source.rows()) rows.push(row);
    return { source, rows };
  } finally {
    await source.close();
  }
}

describe("what LibreOffice writes", () => {
  test.each([
    ["utf-8-comma.csv", "28.02.2019", "2026-01-31 09:30"],
    ["windows-1252-semicolon.csv", "28.02.2019", "2026-01-31 09:30"],
    ["utf-16-tab.csv", "28.02.2019", "2026-01-31 09:30"],
    ["people.xlsx", "2019-02-28", "2026-01-31T09:30:00"],
  ])("%s says the same as the others", async (name, date, moment) => {
    const { source, rows } = await read(name);
    expect(source.header).toEqual(["Display Name", "E-Mail", "Comments", "Directory ID", "Regex", "Since"]);
    expect(rows.map((r) => r.row)).toEqual([2, 4, 5, 6]);
    expect(rows[0]!.cells[5]).toBe(date);
    expect(rows.map((r) => r.change?.set)).toEqual([
      {
        name: "Jörg „Jogi“ Müller; €",
        comments: 'first line\nsays "hi", twice',
        directory_id: 17,
        is_email_regex: false,
      },
      { name: "Ann O'Neil", comments: moment, directory_id: 2_469_134, is_email_regex: false },
      undefined,
      { name: "Only the name and address" },
    ]);
    expect(problemsOf(rows)).toEqual([
      `5: column "Display Name": expected a value, found "#N/A" (the spreadsheet's formula went wrong; correct it and export again)`,
    ]);
  });

  test("has a second sheet that can be chosen by name or number", async () => {
    for (const sheet of ["other sheet", "2"]) {
      const { rows, source } = await read("people.xlsx", { sheet });
      expect(rows.map((r) => r.cells)).toEqual([["other@example.com", "Other"]]);
      expect(source.notes).toEqual([]);
    }
    expect((await read("people.xlsx")).source.notes).toEqual([
      'Read only sheet "People"; "Other sheet" has such columns too. Use --sheet for another.',
      'Not used: "Since".',
    ]);
    await expect(read("people.xlsx", { sheet: "3" })).rejects.toThrow(
      'people.xlsx: expected a sheet "3", found "People", "Other sheet"',
    );
  });

  test.each([["people.ods"], ["people.xls"], ["people.fods"]])("%s is refused with what to do", async (name) => {
    await expect(read(name)).rejects.toMatchObject({
      message: expect.stringMatching(/^people\./),
      remedy: expect.stringContaining("CSV"),
    });
  });
});

/** The container of the first Office programs, as far as it is looked at: its first bytes, and the name of a part far behind. */
function compound(part: string): Buffer {
  const start = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  return Buffer.concat([start, Buffer.alloc(100_000, 7), Buffer.from(part, "utf16le"), Buffer.alloc(400)]);
}

describe("a file of the first Office programs", () => {
  test.each([
    [
      "EncryptedPackage",
      "expected a workbook that opens without a password, found one that is protected by one",
      "empty the password under File > Info > Protect Workbook > Encrypt with Password",
    ],
    ["Workbook", "expected a spreadsheet (CSV or .xlsx), found an old .xls workbook", "save it as"],
    ["WordDocument", "expected a spreadsheet (CSV or .xlsx), found an old Word document", "save it as"],
  ])("with a part %s is told from the others", async (part, message, remedy) => {
    for (const bytes of [compound(part), gzipSync(compound(part))]) {
      await expect(readSpreadsheet(bytes)).rejects.toMatchObject({
        message: `standard input: ${message}`,
        remedy: expect.stringContaining(remedy),
      });
    }
  });
});
