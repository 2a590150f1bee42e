import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { problemsOf, readSpreadsheet } from "../read-spreadsheet.ts";
import { makeWorkbook, textRow } from "./make-workbook.ts";

const HEADER = textRow("email", "name", "comments", "directory_id");

describe("a workbook", () => {
  test("gives shared, inline and formatted texts", async () => {
    const { rows } = await readSpreadsheet(
      makeWorkbook({
        rows:
          HEADER +
          '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><r><t xml:space="preserve">in </t></r><r><t>line</t></r></is></c></row>',
        strings:
          "<si><t>a@x.org</t></si>" +
          "<si><r><rPr><b/></rPr><t>J&#246;</t></r><r><t>rg_x000A_&amp;_x005F_x0041_</t></r><rPh><t>aid</t></rPh></si>",
      }),
    );
    expect(rows[0]!.cells).toEqual(["a@x.org", "Jörg\n&_x0041_", "in line", ""]);
  });

  test("gives numbers, booleans, errors and the last results of formulas", async () => {
    const { rows } = await readSpreadsheet(
      makeWorkbook({
        rows:
          textRow("email", "a", "b", "c", "d", "e", "f") +
          '<row r="2"><c r="A2" t="str"><f>X</f><v>a@x.org</v></c><c><v>17.0</v></c><c><v>1.2444788E7</v></c><c t="b"><v>1</v></c>' +
          '<c t="e"><v>#REF!</v></c><c t="d"><v>2026-01-31T00:00:00</v></c><c><f>1+1</f></c></row>' +
          '<row r="3"><c t="str"><f>A1</f><v></v></c><c t="n"><f>A1</f></c></row>',
      }),
    );
    expect(rows[0]!.cells).toEqual([
      "a@x.org",
      "17",
      "12444788",
      "TRUE",
      "#REF!",
      "2026-01-31T00:00:00",
      "#NOT-CALCULATED!",
    ]);
    expect(rows[1]!.cells.slice(0, 2)).toEqual(["", "#NOT-CALCULATED!"]);
  });

  test("gives numbers as Excel shows them, whole ones to the last digit", async () => {
    const { rows } = await readSpreadsheet(
      makeWorkbook({
        rows:
          textRow("email", "a", "b", "c") +
          '<row r="2"><c t="inlineStr"><is><t>a@x.org</t></is></c><c><v>0.30000000000000004</v></c><c><v>1234567890123456</v></c><c><v>1.1000000000000001</v></c></row>',
      }),
    );
    expect(rows[0]!.cells.slice(1)).toEqual(["0.3", "1234567890123456", "1.1"]);
  });

  test("gives a date where the format is one, in either calendar", async () => {
    const styles =
      '<numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yyyy"/><numFmt numFmtId="165" formatCode="0.00 &quot;days&quot;"/></numFmts>' +
      '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' +
      '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs>';
    const rows =
      textRow("email", "a", "b", "c", "d", "e", "f") +
      '<row r="2"><c t="inlineStr"><is><t>a@x.org</t></is></c><c s="0"><v>46053</v></c><c s="1"><v>46053</v></c><c s="2"><v>1</v></c><c s="3"><v>1</v></c>' +
      '<c s="4"><v>46053.395833333336</v></c><c s="4"><v>0.5</v></c></row>';
    const read = async (workbook: string) =>
      (await readSpreadsheet(makeWorkbook({ rows, styles, workbook }))).rows[0]!.cells.slice(1);
    expect(await read("")).toEqual(["46053", "2026-01-31", "1900-01-01", "1", "2026-01-31T09:30:00", "12:00:00"]);
    expect((await read('<workbookPr date1904="1"/>')).slice(1, 3)).toEqual(["2030-02-01", "1904-01-02"]);
  });

  test("may leave out cells and rows, and keeps its row numbers", async () => {
    const { rows } = await readSpreadsheet(
      makeWorkbook({
        rows:
          '<row r="3"><c r="B3" t="inlineStr"><is><t>email</t></is></c><c r="D3" t="inlineStr"><is><t>name</t></is></c></row>' +
          '<row r="7"><c r="B7" t="inlineStr"><is><t>a@x.org</t></is></c></row><row r="8"/>' +
          '<row r="9" hidden="1"><c r="D9" t="inlineStr"><is><t>A</t></is></c><c r="B9" t="inlineStr"><is><t>out of order</t></is></c></row>',
      }),
    );
    expect(rows.map((r) => [r.row, ...r.cells])).toEqual([
      [7, "", "a@x.org", "", ""],
      [9, "", "", "", "A", "out of order"],
    ]);
  });

  test("may have namespace prefixes, be packed by gzip, and come in pieces", async () => {
    const sheet =
      '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>email</x:t></x:is></x:c></x:row>' +
      '<x:row><x:c t="inlineStr"><x:is><x:t>a@x.org</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>';
    const bytes = gzipSync(makeWorkbook({ parts: { "xl/worksheets/sheet1.xml": sheet } }));
    expect((await readSpreadsheet(bytes, {}, 11)).rows.map((r) => r.cells)).toEqual([["a@x.org"]]);
  });

  test("that was defused has the cell as it was", async () => {
    const { rows } = await readSpreadsheet(makeWorkbook({ rows: HEADER + textRow("a@x.org", "&apos;=SUM(A1)") }));
    expect(rows[0]!.change!.set.name).toBe("=SUM(A1)");
  });

  test("names a formula that was never calculated", async () => {
    const { rows } = await readSpreadsheet(
      makeWorkbook({ rows: HEADER + '<row><c t="inlineStr"><is><t>a@x.org</t></is></c><c><f>1</f></c></row>' }),
    );
    expect(problemsOf(rows)).toMatchInlineSnapshot(`
      [
        "2: column "name": expected a value, found "#NOT-CALCULATED!" (a formula without a result; open the workbook in Excel or LibreOffice and save it)",
      ]
    `);
  });

  test("says so when rows are hidden", async () => {
    const { notes } = await readSpreadsheet(
      makeWorkbook({ rows: HEADER + '<row hidden="1"><c t="inlineStr"><is><t>a@x.org</t></is></c></row>' }),
    );
    expect(notes).toEqual(["1 of the rows is hidden or filtered out in the sheet and was read too."]);
  });
});

/** `code: message`. */
async function refusal(bytes: Buffer): Promise<string> {
  const error = await readSpreadsheet(bytes).then(
    () => null,
    (e: unknown) => e as { code: string; message: string },
  );
  return `${error?.code}: ${error?.message}`;
}

describe("a workbook that can't be used gets one clear line", () => {
  test("when it is damaged", async () => {
    const whole = makeWorkbook({ rows: HEADER + textRow("a@x.org", "A") });
    expect(await refusal(whole.subarray(0, whole.length - 30))).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: End of central directory record signature not found. Either not a zip file, or file is truncated."`,
    );
    expect(await refusal(makeWorkbook({ rows: `${HEADER}<row><c></row>` }))).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: 1:290: unexpected close tag."`,
    );
    expect(
      await refusal(makeWorkbook({ rows: `${HEADER}<row><c t="inlineStr"><is><t>&lol;</t></is></c></row>` })),
    ).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: 1:310: undefined entity."`,
    );
    expect(await refusal(makeWorkbook({ parts: { "xl/workbook.xml": "<workbook/>" } }))).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: it has no sheet"`,
    );
    expect(await refusal(makeWorkbook({ parts: { "_rels/.rels": "<Relationships/>" } }))).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: it names no workbook"`,
    );
  });

  test("when it is another kind of zip file", async () => {
    expect(await refusal(makeWorkbook({ parts: { "xl/workbook.bin": "x" } }))).toMatchInlineSnapshot(
      `"not_a_spreadsheet: standard input: expected a spreadsheet (CSV or .xlsx), found an .xlsb workbook"`,
    );
  });

  test("when one text, one row or the table of texts is made to fill the memory", async () => {
    const text = `<si><t>${"a".repeat(3_000_000)}</t></si>`;
    expect(await refusal(makeWorkbook({ rows: HEADER, strings: text }))).toMatchInlineSnapshot(
      `"xlsx_too_large: standard input: expected a workbook within the limits for .xlsx, found a text of more than 1 MiB in xl/sharedStrings.xml"`,
    );
    const row = `<row r="2"><c r="ZZZZ2"><v>1</v></c></row>`;
    expect(await refusal(makeWorkbook({ rows: HEADER + row }))).toMatchInlineSnapshot(
      `"xlsx_too_large: standard input: expected a workbook within the limits for .xlsx, found more than 16384 columns in row 2"`,
    );
    const far = '<row><c r="XFD2"><v>1</v></c></row>'.repeat(4000);
    expect(await refusal(makeWorkbook({ rows: HEADER + far }))).toMatchInlineSnapshot(
      `"xlsx_too_large: standard input: expected a workbook within the limits for .xlsx, found more than 50000000 cells"`,
    );
  });

  test("when a part says that it unpacks to gigabytes, or to less than it does", async () => {
    const bytes = makeWorkbook({ rows: HEADER + textRow("a@x.org", "A".repeat(100_000)) });
    const sizeAt = (name: string) => bytes.lastIndexOf(name) - 46 + 24;
    const bomb = Buffer.from(bytes);
    bomb.writeUInt32LE(3_000_000_000, sizeAt("xl/worksheets/sheet1.xml"));
    expect(await refusal(bomb)).toMatchInlineSnapshot(
      `"xlsx_too_large: standard input: expected a workbook within the limits for .xlsx, found 2861 MiB in xl/worksheets/sheet1.xml"`,
    );
    const liar = Buffer.from(bytes);
    liar.writeUInt32LE(1000, sizeAt("xl/worksheets/sheet1.xml"));
    expect(await refusal(liar)).toMatchInlineSnapshot(
      `"xlsx_damaged: standard input: expected an .xlsx workbook, found one that is damaged: too many bytes in the stream. expected 1000. got at least 16384"`,
    );
  });
});
