import { describe, expect, test } from "vitest";
import { matchHeader } from "../../src/changes/header.ts";
import { nearMiss } from "../../src/changes/near-miss.ts";

function match(header: string[], map: Record<string, string> = {}) {
  const notes: string[] = [];
  const columns = matchHeader("people.csv", header, map, notes);
  return { columns: Object.fromEntries(columns.map((c) => [c.header, c.field])), notes };
}

describe("a header", () => {
  test("is recognised without regard to case, spaces, underscores, hyphens and a byte-order mark", () => {
    const header = [
      "\ufeffIMPERSONATION registry-ID",
      "Match_Email",
      " E-Mail ",
      "Display\u00a0Name",
      "NOTES",
      "is email regex",
    ];
    expect(Object.values(match(header).columns)).toEqual([
      "impersonation_registry_id",
      "match_email",
      "email",
      "name",
      "comments",
      "is_email_regex",
    ]);
  });

  test.each(["id", "Entry ID", "Current Email", "email", "e-mail", "Email Address", "User Email"])(
    "%s finds the entry",
    (name) => expect(Object.keys(match([name]).columns)).toEqual([name]),
  );

  test("that is unknown is left out in silence, one that is nearly known is pointed out", () => {
    const { columns, notes } = match(["Email", "Department", "Dispaly Name", "Commments"]);
    expect(columns).toEqual({ Email: "email" });
    expect(notes).toMatchInlineSnapshot(`
      [
        "Column "Dispaly Name" is not used: did you mean name? Rename it, or say --map "Dispaly Name=name".",
        "Column "Commments" is not used: did you mean comments? Rename it, or say --map "Commments=comments".",
      ]
    `);
  });

  test("is given a meaning by a mapping, which wins over its own name", () => {
    const { columns, notes } = match(["Email", "Work mail", "Name"], { work_mail: "E-Mail", name: "" });
    expect(columns).toEqual({ "Work mail": "email" });
    expect(notes).toMatchInlineSnapshot(`
      [
        "Column "Email" is not used: another column is mapped to email.",
      ]
    `);
  });

  test("can't have two columns for one field by a mapping either", () => {
    expect(() => match(["A", "B"], { A: "email", B: "email" })).toThrow(
      'people.csv: expected one column for email, found 2: "A", "B"',
    );
  });
});

test.each([
  ["Emial", "email"],
  ["Emails", "email"],
  ["Dsiplay Name", "name"],
  ["Displayname2", "name"],
  ["Coment", "comments"],
  ["Modified", "modified_at"],
  ["Department", null],
  ["ID2", null],
  ["", null],
])("%s is nearly %s", (header, field) => expect(nearMiss(header)).toBe(field));
