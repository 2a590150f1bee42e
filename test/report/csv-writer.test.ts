import { expect, test } from "vitest";
import { undefuse } from "../../src/changes/defuse.ts";
import { CsvWriter } from "../../src/report/csv-writer.ts";
import { TextWriter } from "../../src/report/text-writer.ts";
import { captureText, readCsv } from "./captured-text.ts";

async function writeCsv(header: string[], records: string[][]): Promise<string> {
  const { out, text } = captureText();
  const csv = await CsvWriter.open(new TextWriter(out), header);
  for (const record of records) await csv.write(record);
  await csv.finish();
  expect(csv.written).toBe(records.length);
  return text();
}

test("writes UTF-8 with a BOM, commas and CRLF, as Excel opens it", async () => {
  expect(await writeCsv(["Name", "E-mail"], [["Zoë", "zoe@example.com"]])).toBe(
    "\uFEFFName,E-mail\r\nZoë,zoe@example.com\r\n",
  );
});

test("writes the header of a file that has no rows", async () => {
  expect(await writeCsv(["Name"], [])).toBe("\uFEFFName\r\n");
});

test("keeps quotes, commas, line breaks of every kind and cells with spaces exactly", async () => {
  const records = [
    ['say "hi"', "a,b", "a;b"],
    ["one\ntwo", "one\r\ntwo", "one\rtwo"],
    [" spaced ", "", "a\ttab"],
    ["\u202Eevil", "名前", "👩‍💻"],
  ];
  expect(readCsv(await writeCsv(["a", "b", "c"], records))).toEqual([["a", "b", "c"], ...records]);
});

test("defuses what a spreadsheet would run, in cells and header, so that reading it back gives the cell again", async () => {
  const cells = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "＝1"];
  const [header, record] = readCsv(await writeCsv(cells, [cells]));
  for (const written of [header!, record!]) {
    expect(written.every((cell) => cell.startsWith("'"))).toBe(true);
    expect(written.map(undefuse)).toEqual(cells);
  }
});

test("writes more records than one batch holds, in order", async () => {
  const records = Array.from({ length: 1_000 }, (_, i) => [String(i)]);
  expect(readCsv(await writeCsv(["n"], records)).slice(1)).toEqual(records);
});
