import { describe, expect, test } from "vitest";
import { readSpreadsheet } from "./read-spreadsheet.ts";
import { makeSheets, textRow } from "./xlsx/make-workbook.ts";

const text = (titles: number) => `${"title,,\n".repeat(titles)}Name,Email\nAda,ada@x.org\n`;

describe("a header that is not the first row", () => {
  test("is found below a title and notes, and said", async () => {
    const { header, rows, notes } = await readSpreadsheet(
      "People to protect;;\nAs of 3 March, ask bob@example.com;;\n;;\nName;E-Mail;Comments\nAda;ada@x.org;CFO\n",
    );
    expect(header).toEqual(["Name", "E-Mail", "Comments"]);
    expect(rows.map((row) => [row.row, row.change?.set])).toEqual([[5, { name: "Ada", comments: "CFO" }]]);
    expect(notes).toEqual([
      'Found the header in row 4 ("Name", "E-Mail", "Comments"); the 2 rows above it are not read. Use --header-row for another.',
    ]);
  });

  test("is found where the table begins at C4", async () => {
    const { rows, notes } = await readSpreadsheet(
      makeSheets({
        Sheet1:
          `<row r="2"><c r="A2" t="inlineStr"><is><t>Merged title</t></is></c></row>` +
          `<row r="4"><c r="C4" t="inlineStr"><is><t>Name</t></is></c><c r="D4" t="inlineStr"><is><t>Email</t></is></c></row>` +
          `<row r="5"><c r="C5" t="inlineStr"><is><t>Ada</t></is></c><c r="D5" t="inlineStr"><is><t>ada@x.org</t></is></c></row>`,
      }),
    );
    expect(rows.map(({ row, cells, change }) => [row, cells, change?.set])).toEqual([
      [5, ["", "", "Ada", "ada@x.org"], { name: "Ada" }],
    ]);
    expect(notes).toEqual([
      'Found the header in row 4 ("Name", "Email"); the row above it is not read. Use --header-row for another.',
    ]);
  });

  test("is the one with more columns, unless data of the first has begun", async () => {
    const below = await readSpreadsheet("Email,\n,\nName,Email\nAda,ada@x.org\n");
    expect(below.header).toEqual(["Name", "Email"]);
    const twoTables = await readSpreadsheet("Email,X\nada@x.org,\nName,Email\n");
    expect(twoTables.rows.map((row) => row.row)).toEqual([2, 3]);
  });

  test("is named by --map or guessed there too", async () => {
    const text = "A list\n\nWork Mail,Full\nada@x.org,Ada\n";
    expect((await readSpreadsheet(text, { map: { "Work Mail": "email" } })).rows).toHaveLength(1);
    expect((await readSpreadsheet("A list\nOld mail,\nOld email,New email\na@x.org,b@x.org\n")).rows).toHaveLength(1);
  });

  test("is looked for in twenty rows, further down by --header-row alone", async () => {
    expect((await readSpreadsheet(text(19))).rows).toHaveLength(1);
    await expect(readSpreadsheet(text(20))).rejects.toMatchObject({
      code: "no_known_column",
      remedy: expect.stringContaining("further down than the first twenty rows, say where with --header-row N."),
    });
    const { rows, notes } = await readSpreadsheet(text(50), { headerRow: 51 });
    expect(rows.map((row) => row.row)).toEqual([52]);
    expect(notes).toEqual([]);
  });

  test("can be the second of two that have columns", async () => {
    const { rows } = await readSpreadsheet("Email,Name\nE-Mail,Display Name\nada@x.org,Ada\n", { headerRow: 2 });
    expect(rows.map((row) => row.row)).toEqual([3]);
  });

  test("asked for where data stands is told by its row", async () => {
    await expect(readSpreadsheet("Email\na@x.org\nb@x.org\n", { headerRow: 3 })).rejects.toMatchObject({
      message: 'standard input: expected column names in row 3, found "b@x.org"',
    });
  });

  test.each([
    [2, "an empty row"],
    [9, "only 4 rows"],
  ])("asked for in row %i, where there is none, is an error", async (headerRow, found) => {
    await expect(readSpreadsheet("Email\n\na@x.org\nb@x.org\n", { headerRow })).rejects.toMatchObject({
      code: "header_row_empty",
      message: `standard input: expected the header in row ${headerRow}, as --header-row says, found ${found}`,
    });
  });
});

describe("a spreadsheet without rows", () => {
  test.each([
    ["Email,Name\n", {}, "expected rows below the header in row 1, found none"],
    ["Email,Name\n,\n\n", {}, "expected rows below the header in row 1, found none"],
    [
      "Email\na@x.org\nb@x.org\n",
      { where: { Email: "c@x.org" } },
      "expected rows that --where, --skip and --limit leave, found none among 2 rows",
    ],
    ["Email\na@x.org\n", { skip: 5 }, "expected rows that --where, --skip and --limit leave, found none among 1 row"],
  ])("%j is said to have none", async (text, options, message) => {
    await expect(readSpreadsheet(text, options)).rejects.toThrow(`standard input: ${message}`);
  });
});

describe("a workbook of several sheets", () => {
  const people = textRow("Name", "Email") + textRow("Ada", "ada@x.org");
  const readMe = textRow("Read me") + textRow("Email", "the address") + textRow("Name", "as it is shown");

  test("is read where the columns are, and says so", async () => {
    const { rows, notes } = await readSpreadsheet(makeSheets({ "Read me": readMe, Data: people }));
    expect(rows.map((row) => row.change?.set)).toEqual([{ name: "Ada" }]);
    expect(notes).toEqual(['Read sheet "Data", which has the columns, and not "Read me". Use --sheet for another.']);
  });

  test("says which other sheets have the columns too", async () => {
    const { notes } = await readSpreadsheet(makeSheets({ EMEA: people, Notes: textRow("x"), APAC: people }));
    expect(notes).toEqual(['Read only sheet "EMEA"; "APAC" has such columns too. Use --sheet for another.']);
  });

  test("of which none has the columns names them all", async () => {
    const workbook = makeSheets({ "Read me": textRow("Hello"), Data: textRow("Vorname", "Adresse") });
    await expect(readSpreadsheet(workbook)).rejects.toMatchObject({
      code: "no_known_column",
      remedy: expect.stringMatching(/That was sheet "Read me"; the others are "Data", to be chosen by --sheet\.$/),
    });
    await expect(readSpreadsheet(workbook, { sheet: "Data" })).rejects.toMatchObject({
      message:
        'standard input: expected a header row with known columns (for example Display_Name,Email), found "Vorname", "Adresse"',
    });
  });
});
