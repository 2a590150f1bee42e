import * as fc from "fast-check";
import { gzipSync } from "node:zlib";
import { stringify } from "csv-stringify/sync";
import { expect, test } from "vitest";
import { defuse } from "../../src/changes/defuse.ts";
import { SourceError } from "../../src/changes/source.ts";
import { makeWorkbook } from "./xlsx/make-workbook.ts";
import { readSpreadsheet } from "./read-spreadsheet.ts";

const HEADER = ["Current Email", 'Note;,|\t"x"\r\n', "Display Name"];

const character = fc.constantFrom(..."ab ,;|\t\"'\r\n=+-@é€😀\u00a0\u2028ÿ<&".split(/(?:)/u));
const cell = fc.oneof(fc.string({ unit: character, maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 8 }));
const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 12 });
const isBlank = (cells: string[]) => cells.every((text) => text.trim() === "");
/** A table of empty rows is refused. */
const LAST = ["last@example.com", "", ""];

const dialect = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  record_delimiter: fc.constantFrom("\n", "\r\n", "\r"),
  quoted: fc.boolean(),
  eof: fc.boolean(),
  // Any line break gets quotes, not only the one that ends records here.
  quoted_match: fc.constant(/[\r\n]/),
});
const encodings: Record<string, (text: string) => Buffer> = {
  "utf-8": (text) => Buffer.from(text),
  "utf-8 with mark": (text) => Buffer.from(`\ufeff${text}`),
  "utf-16le": (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  "utf-16be": (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
  gzip: (text) => gzipSync(text),
};

test("whatever goes out through a CSV writer in any dialect and encoding comes back the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      dialect,
      fc.constantFrom(...Object.keys(encodings)),
      fc.integer({ min: 1, max: 40 }),
      async (table, options, encoding, chunkSize) => {
        // Strings with half a surrogate pair can't be encoded at all.
        const sound = [...table, LAST].map((cells) => cells.map((text) => text.toWellFormed()));
        const text = stringify([HEADER, ...sound.map((cells) => cells.map(defuse))], options);
        const { header, rows } = await readSpreadsheet(encodings[encoding]!(text), {}, chunkSize);
        expect(header).toEqual(HEADER);
        const numbered = sound.map((cells, i) => ({ row: i + 2, cells }));
        expect(rows.map(({ row, cells }) => ({ row, cells }))).toEqual(numbered.filter(({ cells }) => !isBlank(cells)));
      },
    ),
    { numRuns: 400 },
  );
});

const escape = (text: string) =>
  text.replace(/[&<\r]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/_(?=x[\da-f]{4}_)/gi, "_x005F_");

test("what goes into a workbook comes back the same", async () => {
  // What XML can't hold is left out here.
  const xmlText = cell.map((text) =>
    text.toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ""),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(xmlText, xmlText, xmlText), { maxLength: 8 }), async (table) => {
      const withLast = [...table, LAST];
      const xmlRows = [HEADER, ...withLast.map((cells) => cells.map(defuse))].map(
        (cells) => `<row>${cells.map((text) => `<c t="inlineStr"><is><t>${escape(text)}</t></is></c>`).join("")}</row>`,
      );
      const { rows } = await readSpreadsheet(makeWorkbook({ rows: xmlRows.join("") }));
      expect(rows.map((r) => r.cells)).toEqual(withLast.filter((cells) => !isBlank(cells)));
    }),
    { numRuns: 100 },
  );
});

test("any bytes at all get an answer about rows or one clear line", async () => {
  const start = fc.constantFrom(
    "",
    "email,name\n",
    "Display_Name;Email\r\n",
    "\ufeffemail\tname\r",
    "sep=;\nemail;name\n",
    "\x1f\x8b\x08",
    "PK\x03\x04",
  );
  await fc.assert(
    fc.asyncProperty(
      start,
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 64 }),
      async (head, bytes, chunkSize) => {
        const content = Buffer.concat([Buffer.from(head, head.includes("\x8b") ? "latin1" : "utf8"), bytes]);
        const answer = await readSpreadsheet(content, {}, chunkSize).catch((error: unknown) => error);
        if (answer instanceof Error) expect(answer).toBeInstanceOf(SourceError);
      },
    ),
    { numRuns: 1000 },
  );
});
