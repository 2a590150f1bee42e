import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ENCODINGS } from "../../../src/changes/encoding/names.ts";
import { CANDIDATES } from "../../../src/changes/encoding/plausibility.ts";
import { readSpreadsheet } from "../read-spreadsheet.ts";
import { LISTS } from "./names.ts";

const fixture = (encoding: string) => readFile(join(import.meta.dirname, "fixtures", `${encoding}.csv`));

describe("a list of names that is not in UTF-8", () => {
  test.each(LISTS)("is recognised in $encoding, and said with examples", async ({ encoding, names }) => {
    const { rows, notes } = await readSpreadsheet(await fixture(encoding));
    expect(rows.map((row) => row.cells[1])).toEqual(names);
    const examples = names.slice(0, 3).map((name) => `"${name}"`);
    expect(notes).toEqual([
      `Read as ${encoding}, because it is not valid UTF-8; for example ${examples.join(", ")}. Use --encoding if letters look wrong.`,
    ]);
  });

  test.each(LISTS)("is read in $encoding when that is asked for", async ({ encoding, names }) => {
    const { rows, notes } = await readSpreadsheet(await fixture(encoding), { encoding });
    expect(rows.map((row) => row.cells[1])).toEqual(names);
    expect(notes).toEqual([]);
  });

  test("of which two readings are likely is refused with both, and examples of each", async () => {
    // As a Mac of the nineties wrote it.
    const bytes = Buffer.from("email,name\na@x.org,M\x9fller\n", "latin1");
    await expect(readSpreadsheet(bytes)).rejects.toMatchObject({
      code: "encoding_unclear",
      message: 'standard input: expected UTF-8, found text that may be macintosh ("Müller") or windows-1250 ("Mźller")',
      remedy:
        'Add --encoding macintosh or --encoding windows-1250, whichever reads right, or export the file as "CSV UTF-8".',
    });
  });

  test("in an encoding that nobody here knows is refused rather than planned as something else", async () => {
    // "Müller" as DOS wrote it (code page 850).
    const bytes = Buffer.from("email,name\na@x.org,M\x81ller\nb@x.org,Jos\x82\nc@x.org,Bj\x94rn\n", "latin1");
    await expect(readSpreadsheet(bytes)).rejects.toMatchObject({ code: "encoding_unclear" });
  });
});

test("every encoding that may be guessed or is named can be decoded", () => {
  for (const name of [...CANDIDATES, ...ENCODINGS]) expect(() => new TextDecoder(name)).not.toThrow();
  expect(ENCODINGS).toEqual(expect.arrayContaining(CANDIDATES));
});
