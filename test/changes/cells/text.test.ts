import { describe, expect, test } from "vitest";
import { isErrorValue } from "../../../src/changes/cells/error-value.ts";
import { parseEntryId } from "../../../src/changes/cells/entry-id.ts";
import { parseModifiedAt } from "../../../src/changes/cells/modified-at.ts";
import { parseProvenance } from "../../../src/changes/cells/provenance.ts";
import { Refusal } from "../../../src/changes/cells/refusal.ts";
import { show } from "../../../src/changes/cells/show.ts";
import { parseComments, parseName } from "../../../src/changes/cells/text.ts";

const foundBy = (answer: unknown) => (answer instanceof Refusal ? answer.found : answer);

test("a name has 1 to 1024 characters, counted as people do", () => {
  expect(parseName("J")).toBe("J");
  expect(parseName("😀".repeat(1024))).toBe("😀".repeat(1024));
  expect(foundBy(parseName("é".repeat(1025)))).toMatchInlineSnapshot(
    `""ééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…" (1025 characters)"`,
  );
});

test("a name may hold letters of any script and the joiners they need", () => {
  for (const name of ["Nguyễn Văn Đức", "علی‌رضا", "👩‍💻", "O’Neil", 'de la "Cruz"']) expect(parseName(name)).toBe(name);
});

test("a control or invisible character in a name is refused with its code point and place", () => {
  expect(foundBy(parseName("Ja\u0000ne"))).toMatchInlineSnapshot(
    `""Ja<U+0000>ne" (a control character, U+0000, at position 3; delete it)"`,
  );
  expect(foundBy(parseName("Jane\u200bDoe"))).toMatchInlineSnapshot(
    `""Jane<U+200B>Doe" (an invisible character, U+200B, at position 5; delete it)"`,
  );
  expect(foundBy(parseName("😀Jane\nDoe"))).toMatchInlineSnapshot(
    `""😀Jane<U+000A>Doe" (a line break, U+000A, at position 6; delete it)"`,
  );
  expect(foundBy(parseName("J\ufffdrg"))).toMatchInlineSnapshot(
    `""J�rg" (a character was lost in a conversion, U+FFFD; export the file again as UTF-8, or give its --encoding)"`,
  );
});

test("comments may have several lines, but no other control character", () => {
  expect(parseComments("one\r\ntwo\tthree")).toBe("one\r\ntwo\tthree");
  expect(foundBy(parseComments("bell\u0007"))).toMatchInlineSnapshot(
    `""bell<U+0007>" (a control character, U+0007, at position 5; delete it)"`,
  );
  expect(foundBy(parseComments("x".repeat(32_768)))).toMatchInlineSnapshot(
    `""xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" (32,768 characters)"`,
  );
});

test.each([
  "#N/A",
  "#REF!",
  "#name?",
  "#BEZUG!",
  "#NV",
  "#¿NOMBRE?",
  "#DEEL/0!",
  "Err:502",
  "#####",
  "#NOT-CALCULATED!",
])("%s is a formula that went wrong", (cell) => expect(isErrorValue(cell)).toBe(true));

test.each(["#1 in sales", "#", "N/A", "Error", "#hashtag!", "REF!"])("%s is text", (cell) => {
  expect(isErrorValue(cell)).toBe(false);
});

describe("an entry id", () => {
  test("is a UUID in any case", () => {
    expect(parseEntryId("F174E90A-fafe-4643-bbbc-4a0ed4fc8415")).toEqual({
      id: "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
    });
  });

  test("may be an integer from before 2025, also as Excel writes it", () => {
    for (const cell of ["12444788", "12444788.0", "1.2444788E+7", "1,2444788E7"])
      expect(parseEntryId(cell)).toEqual({ oldId: "12444788" });
  });

  test.each(["f174e90a", "{f174e90a-fafe-4643-bbbc-4a0ed4fc8415}", "1.5", "-3", "1.24448E+11"])("is not %s", (cell) => {
    expect(foundBy(parseEntryId(cell))).toMatchSnapshot();
  });
});

test("a moment needs its zone", () => {
  for (const cell of ["2014-01-01T05:20:00.12345Z", "2026-02-28T10:00:00+01:00"])
    expect(parseModifiedAt(cell)).toBe(cell);
  for (const cell of ["2026-02-30T10:00:00Z", "2026-02-28 10:00", "2026-02-28", "28.02.2026"])
    expect(parseModifiedAt(cell)).toBeInstanceOf(Refusal);
});

test("a provenance may be written in any case", () => {
  expect(parseProvenance("snoopy-google_directory")).toBe("SNOOPY-GOOGLE_DIRECTORY");
  expect(parseProvenance("GOOGLE")).toBeInstanceOf(Refusal);
});

test("what is shown is short, on one line, and shows what can't be seen", () => {
  expect(show("a\r\n\u200b\u202eb\ud800")).toBe('"a<U+000D><U+000A><U+200B><U+202E>b<U+D800>"');
  expect(show("x".repeat(40_000))).toBe(`"${"x".repeat(57)}…"`);
  expect(show("😀".repeat(60))).toBe(`"${"😀".repeat(60)}"`);
});
