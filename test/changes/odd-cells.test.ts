import { describe, expect, test } from "vitest";
import { readSpreadsheet } from "./read-spreadsheet.ts";

async function warningsOf(name: string, comments = "") {
  const { rows } = await readSpreadsheet(`Email,Name,Comments\na@x.org,"${name}","${comments}"\n`);
  expect(rows[0]!.problems).toEqual([]);
  return rows[0]!.warnings;
}

describe("a name", () => {
  test.each(["NULL", "n/a", "N/A", "na", "-", "--", "(none)", "unknown", "?", "TBD"])(
    "of %j is taken with a warning, for it looks like a word for nothing",
    async (name) => {
      expect(await warningsOf(name)).toEqual([
        {
          code: "null_word",
          message: `column "Name": "${name}" looks like a word for nothing, and is taken as it stands; an empty cell changes nothing, <null> empties a field`,
        },
      ]);
    },
  );

  test.each([
    ["TRUE", "boolean_in_name", "true or false"],
    ["falsch", "boolean_in_name", "true or false"],
    ["42", "number_in_name", "a number"],
    ["1,234.50", "number_in_name", "a number"],
    ["2026-01-31", "date_in_name", "a date"],
    ["31.01.26", "date_in_name", "a date"],
    ["1/31/2026 09:30", "date_in_name", "a date"],
  ])("of %j is taken with a warning", async (name, code, looksLike) => {
    expect(await warningsOf(name)).toEqual([
      { code, message: `column "Name": "${name}" looks like ${looksLike}, and is taken as it stands` },
    ]);
  });

  test.each(["Ada Lovelace", "Null Smith", "True North", "7 of 9", "R2-D2", "3M", "O", "Na Li"])(
    "of %j is just a name",
    async (name) => expect(await warningsOf(name)).toBeUndefined(),
  );
});

test("comments may be numbers and dates, but words for nothing get a warning", async () => {
  expect(await warningsOf("Ada", "2026-01-31")).toBeUndefined();
  expect(await warningsOf("Ada", "42")).toBeUndefined();
  expect(await warningsOf("Ada", "NULL")).toMatchObject([{ code: "null_word" }]);
});

test("an address in a link or beside a name is taken alone, with a note", async () => {
  const { rows, notes } = await readSpreadsheet(
    "match_email,email,name\nmailto:a@x.org,Ada <b@x.org>,Ada\n,c@x.org,C\n,<d@x.org>,D\n,e <e@x>,E\n",
  );
  expect(rows.map(({ change }) => [change?.target, change?.set.email])).toEqual([
    [{ by: "email", email: "a@x.org" }, "b@x.org"],
    [{ by: "email", email: "c@x.org" }, undefined],
    [{ by: "email", email: "d@x.org" }, undefined],
    [undefined, undefined],
  ]);
  expect(notes).toEqual(["Took the address alone out of a link, or from beside a name: rows 2, 4."]);
});
