import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSource } from "../../src/changes/open-source.ts";
import { SourceError } from "../../src/changes/source.ts";
import { problemsOf, readSpreadsheet } from "./read-spreadsheet.ts";

const ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

describe("a spreadsheet", () => {
  test("for Cloudflare's dashboard upload works as it is", async () => {
    const { rows, header, notes } = await readSpreadsheet("Display_Name,Email\nJane Doe,jane@example.com\n");
    expect(header).toEqual(["Display_Name", "Email"]);
    expect(notes).toEqual([]);
    expect(rows).toEqual([
      {
        row: 2,
        cells: ["Jane Doe", "jane@example.com"],
        change: { target: { by: "email", email: "jane@example.com" }, set: { name: "Jane Doe" }, modifiedAt: null },
        problems: [],
      },
    ]);
  });

  test("names the entry by id, else by match_email, else by email", async () => {
    const { rows } = await readSpreadsheet(
      `id,match_email,email,name\n${ID.toUpperCase()},old@x.org,new@x.org,\n,old@x.org,new@x.org,\n,,new@x.org,N\n12444788.0,,new@x.org,N\n`,
    );
    expect(rows.map((r) => [r.change?.target, r.change?.set])).toEqual([
      [{ by: "id", id: ID }, { email: "new@x.org" }],
      [{ by: "email", email: "old@x.org" }, { email: "new@x.org" }],
      [{ by: "email", email: "new@x.org" }, { name: "N" }],
      [{ by: "old-id", oldId: "12444788", email: "new@x.org", name: "N" }, { name: "N" }],
    ]);
  });

  test("changes nothing by an empty cell, and empties a nullable field by <null>", async () => {
    const { rows } = await readSpreadsheet(
      "email,name,comments,directory_id\na@x.org, ,<null>,<NULL>\nb@x.org,<null>,,\n",
    );
    expect(rows[0]!.change!.set).toEqual({ comments: null, directory_id: null });
    expect(problemsOf(rows)).toMatchInlineSnapshot(`
      [
        "3: column "name": expected a value (only comments, directory_id, directory_node_id, external_directory_node_id can be emptied), found "<null>"",
      ]
    `);
  });

  test("has its rows numbered as the spreadsheet shows them", async () => {
    const { rows } = await readSpreadsheet('email,comments\n\na@x.org,"two\nlines"\n , \n\nb@x.org,\n');
    expect(rows.map((r) => r.row)).toEqual([3, 6]);
  });

  test("gets every problem of every row named", async () => {
    const { rows } = await readSpreadsheet(
      "id,Email,Name,Is_Email_Regex,directory_id,provenance,modified_at\n" +
        "17x,a@b@c,,maybe,1.5,GOOGLE,yesterday\n" +
        ",,x,,,,\n" +
        "#N/A,#REF!,#NAME?,#VALUE!,,,\n" +
        ",a@x.org,x,,,,,extra\n" +
        ",a@x.org\n",
    );
    expect(problemsOf(rows)).toMatchInlineSnapshot(`
      [
        "2: column "id": expected an entry id (a UUID like f174e90a-fafe-4643-bbbc-4a0ed4fc8415), found "17x"; column "Email": expected one e-mail address, found "a@b@c" (2 times @); column "Is_Email_Regex": expected true or false, found "maybe" (taken are true, yes, y, 1, wahr, ja, vrai, oui, verdadero, sí, si, vero, sì, waar, verdadeiro, sim; and false, no, n, 0, falsch, nein, faux, non, falso, onwaar, nee, não, nao); column "directory_id": expected a whole number, found "1.5"; column "provenance": expected one of A1S_INTERNAL, SNOOPY-CASB_OFFICE_365, SNOOPY-OFFICE_365, SNOOPY-GOOGLE_DIRECTORY, found "GOOGLE"; column "modified_at": expected a date and time with its zone (ISO 8601, like 2026-01-31T09:30:00Z), found "yesterday"",
        "3: row: expected a value in "id" or "Email", to find the entry by, found none",
        "4: column "id": expected a value, found "#N/A" (the spreadsheet's formula went wrong; correct it and export again); column "Email": expected a value, found "#REF!" (the spreadsheet's formula went wrong; correct it and export again); column "Name": expected a value, found "#NAME?" (the spreadsheet's formula went wrong; correct it and export again); column "Is_Email_Regex": expected a value, found "#VALUE!" (the spreadsheet's formula went wrong; correct it and export again)",
        "5: row: expected 7 cells, as the header has, found 8 ("extra" is too much; a cell with the delimiter in it needs quotes around it)",
        "6: row: expected 7 cells, as the header has, found 2 (none for "Name"; a cell with a line break in it needs quotes around it, an empty one its delimiter)",
      ]
    `);
  });

  test("has the checksum of its bytes", async () => {
    const text = "email\n" + "a@x.org\n".repeat(50_000);
    const { sha256 } = await readSpreadsheet(text, { limit: 1 });
    expect(sha256).toBe(createHash("sha256").update(text).digest("hex"));
  });

  test("keeps columns it doesn't know, in the cells only", async () => {
    const { rows, header } = await readSpreadsheet("email,Department,name\na@x.org,Finance,A\n");
    expect(header).toEqual(["email", "Department", "name"]);
    expect(rows[0]!.cells).toEqual(["a@x.org", "Finance", "A"]);
    expect(rows[0]!.change!.set).toEqual({ name: "A" });
  });

  test("is read by --where, then --skip, then --limit", async () => {
    const text = "email,Dept\n" + [1, 2, 3, 4, 5, 6].map((n) => `p${n}@x.org, ${n % 2 ? "FINANCE" : "it"}\n`).join("");
    const { rows } = await readSpreadsheet(text, { where: { dept: "finance " }, skip: 1, limit: 1 });
    expect(rows.map((r) => [r.row, r.cells[0]])).toEqual([[4, "p3@x.org"]]);
  });
});

describe("a dialect", () => {
  test.each([
    ["comma", ",", "\n"],
    ["semicolon", ";", "\r\n"],
    ["tab", "\t", "\r"],
    ["pipe", "|", "\r\n"],
  ])("with %s is detected, whatever the quoted text holds", async (_, d, eol) => {
    const { rows } = await readSpreadsheet(
      ['﻿"Name;,|\t of person"', "E-Mail", "comments"].join(d) +
        eol +
        ['"Doe, John; Jr|x"', "jd@x.org", '"says ""hi""\r\nand\tmore"'].join(d) +
        eol,
    );
    expect(rows[0]!.cells).toEqual(["Doe, John; Jr|x", "jd@x.org", 'says "hi"\r\nand\tmore']);
    expect(rows[0]!.change).toMatchObject({ target: { email: "jd@x.org" } });
  });

  test("may be said in a sep= line, which is no row, or by --delimiter", async () => {
    expect((await readSpreadsheet("sep=^\nemail^name\na@x.org^A\n")).rows[0]).toMatchObject({
      row: 2,
      cells: ["a@x.org", "A"],
    });
    expect((await readSpreadsheet("email\tname\na@x.org\tA\n", { delimiter: "tab" })).rows).toHaveLength(1);
  });

  test("comes out the same in chunks of any size", async () => {
    const text = '\ufeffname;email\r\n"J""ö""rg;\r\n";j@x.org\r\n\r\n"Bob" Smith;b@x.org\r\n';
    const whole = await readSpreadsheet(text);
    expect(whole.rows.map((r) => r.cells)).toEqual([
      ['J"ö"rg;\r\n', "j@x.org"],
      ['"Bob" Smith', "b@x.org"],
    ]);
    for (let size = 1; size < 12; size++) expect((await readSpreadsheet(text, {}, size)).rows).toEqual(whole.rows);
  });
});

describe("a file that can't be used gets one clear line", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "bulkpatch-source-"));
    await mkdir(join(dir, "folder"));
    await writeFile(join(dir, "empty.csv"), "");
  });
  afterAll(() => rm(dir, { recursive: true }));

  const lineFor = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(SourceError);
    const { code, message, remedy } = error as SourceError;
    expect(message + remedy).not.toMatch(/\n/);
    return `${code}: ${message.replaceAll(dir, "…")} → ${remedy}`;
  };

  test("when it is not there, a directory or empty", async () => {
    expect(await lineFor(openSource(join(dir, "no.csv")))).toMatchInlineSnapshot(
      `"file_not_found: …/no.csv: expected a spreadsheet, found no such file → Check the name and the folder you are in."`,
    );
    expect(await lineFor(openSource(join(dir, "folder")))).toMatchInlineSnapshot(
      `"file_is_directory: …/folder: expected a spreadsheet, found a directory → Name a file in it."`,
    );
    expect(await lineFor(openSource(join(dir, "empty.csv")))).toMatchInlineSnapshot(
      `"file_empty: empty.csv: expected a spreadsheet, found an empty file → Export it again."`,
    );
  });

  test.each([
    ["of only empty lines", "\n \n,,\n"],
    ["without a header", "Jane Doe,jane@example.com\n"],
    ["without a known column", "Vorname,Nachname,Emial\na,b,c\n"],
    ["without a column that finds the entry", "name,comments\na,b\n"],
    ["with two columns for one field", "Email,E-mail,name\na,b,c\n"],
    ["with the same column twice", "Email,Email\na,b\n"],
    ["of binary data", Buffer.from([1, 2, 0, 3, 0, 0, 255])],
    ["that is a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])],
    ["that is a web page", "<!DOCTYPE html><html><body>Sign in</body></html>"],
    ["with a quote that is never closed", 'email,name\na@x.org,A\nb@x.org,"B\nc@x.org,C\n'],
    ["with a quote that is closed in a later row", 'email,name\na@x.org,A\n"b@x.org,B\nc@x.org,"C"\nd@x.org,D\n'],
    ["with a row of two million empty cells", `email,name\na@x.org,A\nb@x.org${",".repeat(2_000_000)}\n`],
    ["with a row of two megabytes", `email,name\na@x.org,A\nb@x.org,${"B".repeat(2_000_000)}\n`],
  ])("%s", async (_, content) => {
    expect(await lineFor(readSpreadsheet(content))).toMatchSnapshot();
  });

  test("when the mapping or the selection doesn't fit it", async () => {
    const text = "Mail address,name\na@x.org,A\n";
    expect(await lineFor(readSpreadsheet(text, { map: { Mial: "email" } }))).toMatchInlineSnapshot(
      `"map_unknown_header: standard input: expected a column "Mial", as the mapping says, found "Mail address", "name" → Correct the mapping to one of the columns found."`,
    );
    expect(await lineFor(readSpreadsheet(text, { map: { "Mail address": "mail" } }))).toMatchInlineSnapshot(
      `"map_unknown_field: mapping "Mail address": expected one of impersonation_registry_id, match_email, email, name, comments, is_email_regex, directory_id, directory_node_id, external_directory_node_id, provenance, modified_at, found "mail" → Correct the mapping to one of these."`,
    );
    expect(
      await lineFor(readSpreadsheet(text, { map: { mail_address: "email" }, where: { Dept: "x" } })),
    ).toMatchInlineSnapshot(
      `"where_unknown_column: standard input: expected a column "Dept", as --where says, found "Mail address", "name" → Correct --where to one of the columns found."`,
    );
    expect(await lineFor(readSpreadsheet(text, { delimiter: "||" }))).toMatchInlineSnapshot(
      `"bad_delimiter: expected one character that separates cells, found "||" → Use for example --delimiter ';' or --delimiter tab."`,
    );
    expect(await lineFor(readSpreadsheet(text, { encoding: "klingon" }))).toMatchInlineSnapshot(
      `"unknown_encoding: --encoding: expected the name of an encoding, found "klingon" → Use one of utf-8, utf-16le, utf-16be, windows-1250, windows-1251, windows-1252, windows-1253, windows-1254, windows-1255, windows-1256, windows-1257, windows-1258, windows-874, iso-8859-2, iso-8859-3, iso-8859-4, iso-8859-5, iso-8859-6, iso-8859-7, iso-8859-8, iso-8859-10, iso-8859-13, iso-8859-14, iso-8859-15, iso-8859-16, koi8-r, koi8-u, ibm866, macintosh, x-mac-cyrillic, shift_jis, euc-jp, iso-2022-jp, gb18030, gbk, big5, euc-kr."`,
    );
  });
});
