import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import type { ReadOptions } from "../../src/changes/source.ts";
import { makeWorkbook } from "../changes/xlsx/make-workbook.ts";

/** One input: a file, how to read it, and in chunks of how many bytes it comes. */
export interface FuzzInput {
  kind: string;
  bytes: Buffer;
  options: ReadOptions;
  chunkSize: number;
}

const HEADERS = [
  "Email",
  "E-Mail",
  "Display_Name",
  "name",
  "id",
  "impersonation_registry_id",
  "match_email",
  "comments",
  "is_email_regex",
  "directory_id",
  "directory_node_id",
  "external_directory_node_id",
  "provenance",
  "modified_at",
  "Emial",
  "Department",
  "",
  "row,outcome,impersonation_registry_id,name,email,changed,message,http_status,api_code,attempts,finished_at,ray_id",
];
const CELLS = [
  "jane@example.com",
  "a@b.co, c@d.co",
  "jörg@münchen.de",
  "Jane Doe",
  "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
  "12444788",
  "1.2E7",
  "17.0",
  "1,5",
  "<null>",
  "#N/A",
  "WAHR",
  "no",
  "2026-01-31T09:30:00Z",
  "A1S_INTERNAL",
  "(?i).*@x\\.org",
  "a++",
  "(((",
  "[[:a:]&&",
  "'=1+1",
  "''=1",
  "=cmd",
  "\u200b",
  "\ufffd",
  "\u0000",
  "😀",
  "updated",
  "failed",
  "o’neil@x.org",
  " ",
  "",
  "",
  "",
];
const GLUE = [",", ";", "\t", "|", ",", "\n", "\r\n", "\r", '"', '""', "'", "\ufeff", "sep=;\n", "\u2028", "\0"];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CELLS) },
  { weight: 5, arbitrary: fc.constantFrom(...GLUE) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const header = fc
  .tuple(
    fc.constantFrom(",", ";", "\t", "|"),
    fc.constantFrom("match_email", "match_email", "match_email", "Vorname"),
    fc.uniqueArray(fc.constantFrom(...HEADERS), { maxLength: 6 }),
  )
  .map(([delimiter, first, names]) => [first, ...names].join(delimiter));

/** Text that is nearly a spreadsheet. */
const csvText = fc
  .tuple(header, fc.constantFrom("\n", "\r\n", "\r"), fc.array(piece, { maxLength: 40 }))
  .map(([first, eol, pieces]) => first + eol + pieces.join(""));

const csv = fc
  .tuple(csvText, fc.constantFrom("utf8", "utf8", "utf8", "utf16le", "latin1", "gzip", "utf16 marked"))
  .map(([text, as]) => {
    if (as === "gzip") return gzipSync(text);
    if (as === "utf16 marked") return Buffer.from(`\ufeff${text}`, "utf16le");
    return Buffer.from(text, as as BufferEncoding);
  });

/** A file as LibreOffice wrote it, with bytes changed, cut out or doubled. */
const fixture = fc.constantFrom(
  ...["utf-8-comma.csv", "windows-1252-semicolon.csv", "utf-16-tab.csv", "people.xlsx", "people.ods", "people.xls"].map(
    (name) => readFileSync(join(import.meta.dirname, "../changes/fixtures", name)),
  ),
);
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  what: fc.constantFrom("flip", "cut", "double", "insert", "end"),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
});
const mutated = fc.tuple(fixture, fc.array(damage, { minLength: 1, maxLength: 5 })).map(([original, damages]) => {
  let bytes = Buffer.from(original);
  for (const { at, what, bytes: other } of damages) {
    const i = Math.floor(at * bytes.length);
    if (what === "flip" && i < bytes.length) bytes[i] = bytes[i]! ^ other[0]!;
    else if (what === "cut") bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + other.length)]);
    else if (what === "double") bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(Math.max(0, i - 200))]);
    else if (what === "insert") bytes = Buffer.concat([bytes.subarray(0, i), other, bytes.subarray(i)]);
    else if (what === "end") bytes = bytes.subarray(0, i);
  }
  return bytes;
});

const xmlPiece = fc.constantFrom(
  "<row>",
  '<row r="2">',
  '<row r="-1">',
  '<row r="x">',
  '<row hidden="1">',
  "</row>",
  '<c t="s">',
  '<c t="inlineStr"><is><t>',
  "</t></is></c>",
  '<c r="B2">',
  '<c r="XFD9">',
  '<c r="7">',
  '<c t="b">',
  '<c t="e">',
  '<c s="1">',
  '<c s="-9">',
  "<v>",
  "</v></c>",
  "<v>0</v></c>",
  "<v>1e400</v></c>",
  "<v>46053</v></c>",
  "<v>-5</v></c>",
  "<v>99</v></c>",
  "<f>A1</f></c>",
  "</c>",
  "email",
  "a@x.org",
  "&amp;",
  "&#0;",
  "&bad;",
  "<!--",
  "-->",
  "<![CDATA[",
  "]]>",
  "_x0000_",
  "_xD800_",
  "<x:row>",
  "<rPh>",
  "</rPh>",
);
const headerRow = '<row><c t="inlineStr"><is><t>email</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row>';

/** A workbook whose zip is right and whose XML is not. */
const workbook = fc
  .tuple(
    fc.array(xmlPiece, { maxLength: 25 }),
    fc.array(xmlPiece, { maxLength: 6 }),
    fc.constantFrom("", '<workbookPr date1904="1"/>', "<sheets/>"),
    fc.constantFrom(
      '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>',
      "<cellXfs>",
      '<numFmts><numFmt numFmtId="x"/></numFmts>',
    ),
  )
  .map(([rows, strings, book, styles]) =>
    makeWorkbook({
      rows: headerRow + rows.join(""),
      strings: `<si><t>b@x.org</t></si><si>${strings.join("")}</si>`,
      workbook: book,
      styles,
    }),
  );

const options: fc.Arbitrary<ReadOptions> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        map: fc.constantFrom<Record<string, string>>(
          { Department: "email" },
          { Emial: "email" },
          { "": "name" },
          { name: "" },
        ),
        delimiter: fc.constantFrom(",", ";", "tab", "x", "é", "\n", "", '"'),
        encoding: fc.constantFrom("utf-8", "windows-1252", "utf-16le", "shift_jis", "gb18030", "nonsense"),
        sheet: fc.constantFrom("1", "2", "People", ""),
        where: fc.constantFrom<Record<string, string>>({ name: "Jane Doe" }, { Department: "" }),
        skip: fc.nat(3),
        limit: fc.nat(3),
      },
      { requiredKeys: [] },
    ),
  },
);

const kinds: [string, number, fc.Arbitrary<Uint8Array>][] = [
  ["random bytes", 1, fc.uint8Array({ maxLength: 400 })],
  ["nearly CSV", 6, csv],
  ["damaged file", 3, mutated],
  ["odd workbook", 2, workbook],
];

export const fuzzInput: fc.Arbitrary<FuzzInput> = fc
  .record({
    file: fc.oneof(
      ...kinds.map(([kind, weight, bytes]) => ({
        weight,
        arbitrary: bytes.map((b) => ({ kind, bytes: Buffer.from(b) })),
      })),
    ),
    options,
    chunkSize: fc.oneof(fc.constant(64 * 1024), fc.integer({ min: 1, max: 50 })),
  })
  .map(({ file, options, chunkSize }) => ({ ...file, options, chunkSize }));
