import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { problemsOf, readSpreadsheet } from "./read-spreadsheet.ts";

const TEXT = "name;email;comments\r\nJörg Müller;joerg@example.com;„€ 5“\r\n";

/** As Windows programs write it. */
const WINDOWS_1252 = Buffer.from(TEXT.replace("„", "\x84").replace("€", "\x80").replace("“", "\x93"), "latin1");

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

describe("a file", () => {
  test.each<[string, Buffer]>([
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 with a byte-order mark", Buffer.from(`\ufeff${TEXT}`)],
    ["UTF-16 little-endian", Buffer.from(`\ufeff${TEXT}`, "utf16le")],
    ["UTF-16 big-endian", utf16be(`\ufeff${TEXT}`)],
    ["UTF-8 in gzip", gzipSync(TEXT)],
    ["UTF-16 in gzip", gzipSync(Buffer.from(`\ufeff${TEXT}`, "utf16le"))],
  ])("in %s is read in chunks of any size", async (_, bytes) => {
    for (const size of [1, 2, 3, 7, 64 * 1024]) {
      const { header, rows, notes } = await readSpreadsheet(bytes, {}, size);
      expect(header).toEqual(["name", "email", "comments"]);
      expect(rows.map((r) => r.cells)).toEqual([["Jörg Müller", "joerg@example.com", "„€ 5“"]]);
      expect(notes).toEqual([]);
    }
  });

  test("in Windows-1252 is recognised, and said to be", async () => {
    for (const size of [1, 5, 64 * 1024]) {
      const { rows, notes } = await readSpreadsheet(WINDOWS_1252, {}, size);
      expect(rows.map((r) => r.cells)).toEqual([["Jörg Müller", "joerg@example.com", "„€ 5“"]]);
      expect(notes).toEqual([
        'Read as windows-1252, because it is not valid UTF-8; for example "Jörg Müller", "„€ 5“". Use --encoding if letters look wrong.',
      ]);
    }
  });

  test("in Windows-1252 is recognised where its first letter beyond ASCII comes late", async () => {
    const bytes = Buffer.concat([
      Buffer.from("email,name\n" + "a@x.org,A\n".repeat(20_000)),
      Buffer.from("b@x.org,J\xf6rg\n", "latin1"),
    ]);
    const { rows, notes } = await readSpreadsheet(bytes);
    expect(rows.at(-1)!.cells).toEqual(["b@x.org", "Jörg"]);
    expect(notes).toHaveLength(1);
  });

  test("in UTF-8 with a damaged place stays UTF-8, and the place is pointed out", async () => {
    const bytes = Buffer.concat([
      Buffer.from("email,name\na@x.org,Jörg\nb@x.org,J"),
      Buffer.from([0xff]),
      Buffer.from("rg\nc@x.org,Zoë\n"),
    ]);
    const { rows } = await readSpreadsheet(bytes);
    expect(rows.map((r) => r.change?.set.name)).toEqual(["Jörg", undefined, "Zoë"]);
    expect(problemsOf(rows)).toMatchInlineSnapshot(`
      [
        "3: column "name": expected a name of 1 to 1024 characters on one line, found "J�rg" (a character was lost in a conversion, U+FFFD; export the file again as UTF-8, or give its --encoding)",
      ]
    `);
  });

  test("is read in the encoding that is asked for", async () => {
    const bytes = Buffer.from("email,name\na@x.org,\u0142\n", "latin1");
    bytes[bytes.length - 2] = 0xb3;
    expect((await readSpreadsheet(bytes, { encoding: "iso-8859-2" })).rows[0]!.cells[1]).toBe("ł");
    const unmarked = Buffer.from("email,name\na@x.org,ł\n", "utf16le");
    expect((await readSpreadsheet(unmarked, { encoding: "UTF-16LE" })).rows[0]!.cells[1]).toBe("ł");
    await expect(readSpreadsheet(unmarked)).rejects.toThrow("found what looks like utf-16le without a byte-order mark");
  });

  test("in gzip that is cut off is refused", async () => {
    const whole = gzipSync(TEXT.repeat(1000));
    await expect(readSpreadsheet(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ code: "gzip_damaged" });
    await expect(readSpreadsheet(gzipSync(gzipSync(TEXT)))).rejects.toMatchObject({ code: "not_a_spreadsheet" });
    const { sha256 } = await readSpreadsheet(Buffer.concat([whole, Buffer.alloc(200_000)]));
    expect(sha256).toMatch(/^[\da-f]{64}$/);
  });
});
