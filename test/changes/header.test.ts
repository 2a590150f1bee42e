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

  test("that is unknown is named as not used, with what a nearly known one may mean", () => {
    const { columns, notes } = match(["Email", "Department", "Dispaly Name", "Commments"]);
    expect(columns).toEqual({ Email: "email" });
    expect(notes).toEqual([
      'Not used: "Department", "Dispaly Name" (did you mean name? Rename it, or say --map "Dispaly Name=name"), "Commments" (did you mean comments? Rename it, or say --map "Commments=comments").',
    ]);
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

  test("has at most eight unused columns named, and none of bulkpatch's own", () => {
    const { notes } = match(["Email", "", "bulkpatch_row", ..."a b c d e f g h i j".split(" ")]);
    expect(notes).toEqual(['Not used: "a", "b", "c", "d", "e", "f", "g", "h" and 2 more.']);
  });

  test.each<[string[], Record<string, string>, string]>([
    [
      ["Old email", "New email", "New name"],
      { "Old email": "match_email", "New email": "email", "New name": "name" },
      '"Old email" as match_email, "New email" as email, "New name" as name',
    ],
    [
      ["E-Mail (old)", "E-Mail (new)", "Comments new"],
      { "E-Mail (old)": "match_email", "E-Mail (new)": "email", "Comments new": "comments" },
      '"E-Mail (old)" as match_email, "E-Mail (new)" as email, "Comments new" as comments',
    ],
    [
      ["Email", "New_Email", "Updated Display Name"],
      { Email: "match_email", New_Email: "email", "Updated Display Name": "name" },
      '"Email" as match_email, "New_Email" as email, "Updated Display Name" as name',
    ],
    [["id", "New email"], { id: "impersonation_registry_id", "New email": "email" }, '"New email" as email'],
  ])("%j is guessed, and said", (header, columns, meanings) => {
    const matched = match(header);
    expect(matched.columns).toEqual(columns);
    expect(matched.notes).toEqual([
      `Taken by the words in their headers: ${meanings}. If that is wrong, say what they are with --map.`,
    ]);
  });

  test("that says its meaning wins over a guess, and a guess of a new value over the old one", () => {
    expect(match(["match_email", "Old email", "New email"]).columns).toEqual({
      match_email: "match_email",
      "New email": "email",
    });
    const { columns, notes } = match(["Email", "Name", "New name"]);
    expect(columns).toEqual({ Email: "email", "New name": "name" });
    expect(notes).toContain('Not used: "Name".');
    expect(match(["Email", "New email", "Other"], { Other: "email" }).columns).toEqual({ Other: "email" });
  });

  test("with nothing but a new address finds no entry, and one that may have the address is pointed out", () => {
    expect(() => match(["New email", "Name"])).toThrow(
      'expected a column that finds the entry (impersonation_registry_id, match_email or email), found "New email", "Name"',
    );
    expect(() => match(["Name", "Work Mail"])).toThrow(
      expect.objectContaining({
        remedy: 'If "Work Mail" has the address that the entry has now, rename it, or say --map "Work Mail=email".',
      }),
    );
  });

  test("without a known name is shown how to name the column that may have the address", () => {
    expect(() => match(["Full Name", "Work Email"])).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('Name your columns with --map "Work Email=email"') }),
    );
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
