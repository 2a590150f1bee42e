import { describe, expect, it } from "vitest";
import type { Change, SourceRow, Target } from "../../src/changes/change.ts";
import { decide, type DecideOptions, findEntry, isEntry, keyOf } from "../../src/plan/decide.ts";
import { DuplicateRows } from "../../src/plan/duplicates.ts";
import { RowLint } from "../../src/plan/lint/row-lint.ts";
import { RegistryView } from "../../src/plan/registry-view.ts";
import type { Entry, EntryUpdate } from "../../src/registry/entry.ts";
import { readEntry } from "../../src/registry/read-entry.ts";
import type { RunRow } from "../../src/runs/run.ts";

const JON = readEntry({
  id: "aaaaaaaa-0000-4000-8000-000000000001",
  name: "Jon",
  email: "Jon@Example.com",
  modified_at: "2026-05-01T10:00:00Z",
});
const MIA = readEntry({
  id: "aaaaaaaa-0000-4000-8000-000000000002",
  name: "Mia",
  email: "mia@example.com",
  provenance: "SNOOPY-GOOGLE_DIRECTORY",
});
const ANN1 = readEntry({ id: "aaaaaaaa-0000-4000-8000-000000000003", name: "Ann", email: "ann@example.com" });
const ANN2 = readEntry({ id: "aaaaaaaa-0000-4000-8000-000000000004", name: "Anna", email: "ann@example.com" });

function change(target: Target, set: EntryUpdate, modifiedAt: string | null = null): Change {
  return { target, set, modifiedAt };
}
const byEmail = (email: string): Target => ({ by: "email", email });
const old = (email: string | null, name: string | null): Target => ({ by: "old-id", oldId: "12444788", email, name });
const byId = ({ id }: Entry): Target => ({ by: "id", id });

/** Decides these changes as rows 2, 3, … of one spreadsheet. */
function decideAll(
  changes: (Change | null)[],
  options: Partial<Omit<DecideOptions, "lint">> & { complete?: boolean; strict?: boolean } = {},
): RunRow[] {
  const view = new RegistryView(options.complete ?? true);
  if (options.complete ?? true) for (const entry of [JON, MIA, ANN1, ANN2]) view.add(entry);
  const rows = changes.map((one, n): SourceRow => ({
    row: n + 2,
    cells: [],
    change: one,
    problems: one ? [] : [{ column: "E-mail", expected: "one address", found: '"x"' }],
  }));
  const duplicates = new DuplicateRows();
  const lint = new RowLint(view, { strict: options.strict === true, allowDomains: [] });
  for (const row of rows) {
    const found = row.change && findEntry(view, row.change);
    if (row.change && found && isEntry(found)) duplicates.add(keyOf(found), row.row, row.change);
  }
  return rows.map((row, n) =>
    decide(row, n, view, duplicates, { noPlan: false, checkAgain: false, lint, now: 1, ...options }),
  );
}
const outcomes = (rows: RunRow[]): string[] => rows.map(({ result }) => result?.outcome ?? "update");
const messages = (rows: RunRow[]): (string | null)[] => rows.map(({ result }) => result?.message ?? null);

describe("deciding a row", () => {
  it("sends only the fields that differ, with old and new value", () => {
    const [row] = decideAll([change(byEmail("JON@example.COM"), { name: "John", comments: null })]);
    expect(row).toMatchObject({
      entryId: JON.id,
      entryEmail: "Jon@Example.com",
      changes: { name: { from: "Jon", to: "John" } },
      result: null,
    });
  });

  it("needs no call for what is already so, can't be found, is ambiguous, synced, invalid or newer", () => {
    const rows = decideAll([
      change(byId(JON), { name: "Jon" }, "2020-01-01T00:00:00Z"),
      change(byEmail("nobody@example.com"), { name: "x" }),
      change(byEmail("ann@example.com"), { name: "x" }),
      change(byEmail("mia@example.com"), { name: "x" }),
      null,
    ]);
    expect(outcomes(rows)).toEqual([
      "unchanged",
      "rejected_not_found",
      "rejected_ambiguous",
      "rejected_directory_synced",
      "rejected_invalid",
    ]);
    expect(messages(rows)).toMatchInlineSnapshot(`
      [
        null,
        "no entry has the e-mail address nobody@example.com",
        "2 entries have the e-mail address ann@example.com: aaaaaaaa-0000-4000-8000-000000000003 (Ann), aaaaaaaa-0000-4000-8000-000000000004 (Anna); name one by its id",
        "synced from Google Workspace: change it there",
        "column "E-mail": expected one address, found "x"",
      ]
    `);
    expect(rows[3]!.provenance).toBe("SNOOPY-GOOGLE_DIRECTORY");
    expect(outcomes(decideAll([change(byId(JON), { name: "x" }, "2026-04-30T10:00:00Z")]))).toEqual([
      "rejected_conflict",
    ]);
    expect(outcomes(decideAll([change(byId(JON), { name: "x" }, "2026-05-01T10:00:00Z")]))).toEqual(["update"]);
  });

  it("takes a synced entry that has the values already for unchanged", () => {
    expect(outcomes(decideAll([change(byEmail("mia@example.com"), { name: "Mia" })]))).toEqual(["unchanged"]);
  });

  it("takes an entry that moved to the row's new address, and has its other values, for unchanged", () => {
    const rows = decideAll([
      change(byEmail("jon@old.example"), { email: "jon@example.com", name: "Jon" }),
      change(old("mia@old.example", null), { email: "mia@example.com" }),
    ]);
    expect(outcomes(rows)).toEqual(["unchanged", "unchanged"]);
    expect(rows[0]).toMatchObject({ entryId: JON.id, changes: null });
    expect(messages(rows)[0]).toBe(
      "no entry has the e-mail address jon@old.example; this one has the row's new address and values already",
    );
  });

  it("takes no other entry for one that moved: with another name, among several, or asked for by another row", () => {
    const moves = [
      change(byEmail("john@old.example"), { email: "jon@example.com", name: "John" }),
      change(byEmail("ann@old.example"), { email: "ann@example.com" }),
      change({ by: "id", id: "aaaaaaaa-0000-4000-8000-000000000009" }, { email: "jon@example.com" }),
    ];
    expect(outcomes(decideAll(moves))).toEqual(["rejected_not_found", "rejected_not_found", "rejected_not_found"]);
    const chain = [
      change(byEmail("jon@old.example"), { email: "jon@example.com" }),
      change(byEmail("jon@example.com"), { email: "jon@new.example" }),
    ];
    expect(outcomes(decideAll(chain))).toEqual(["rejected_duplicate", "rejected_duplicate"]);
  });

  it("finds an entry of an old integer id by its address, and by its name where several share that", () => {
    const rows = decideAll([
      change(old("ann@example.com", "ANNA"), { comments: "x" }),
      change(old("ann@example.com", "Someone"), { comments: "x" }),
      change(old(null, "Jon"), { comments: "x" }),
    ]);
    expect(outcomes(rows)).toEqual(["update", "rejected_ambiguous", "rejected_not_found"]);
    expect(rows[0]!.entryId).toBe(ANN2.id);
    expect(messages(rows)[2]).toContain("old id 12444788");
  });

  it("rejects all rows that ask different things of one entry, however they name it", () => {
    const rows = decideAll([
      change(byEmail("jon@example.com"), { name: "A" }),
      change(byId(JON), { name: "B" }),
      change(byId(JON), { name: "A" }),
    ]);
    expect(outcomes(rows)).toEqual(["rejected_duplicate", "rejected_duplicate", "rejected_duplicate"]);
    expect(messages(rows)[0]).toBe("rows 2, 3, 4 are about the same entry and ask for different things");
  });

  it("does an exact repetition once", () => {
    const rows = decideAll([
      change(byEmail("jon@example.com"), { name: "A", comments: "b" }),
      change(byId(JON), { comments: "b", name: "A" }),
    ]);
    expect(outcomes(rows)).toEqual(["update", "unchanged"]);
    expect(messages(rows)[1]).toBe("repeats row 2");
  });

  it("sends every valid row without a plan, guarded by the row's modified_at", () => {
    const rows = decideAll(
      [
        change(byId(JON), { name: "Jon" }, "2026-01-01T00:00:00Z"),
        change(byId(MIA), { name: "x" }),
        change(byId(ANN1), {}),
      ],
      {
        noPlan: true,
        complete: false,
      },
    );
    expect(outcomes(rows)).toEqual(["update", "update", "unchanged"]);
    expect(rows[0]).toMatchObject({
      entryId: JON.id,
      guard: "2026-01-01T00:00:00Z",
      changes: { name: { from: null, to: "Jon" } },
    });
  });

  it("looks again before the change where that is asked for", () => {
    const [row] = decideAll([change(byId(JON), { name: "x" })], { checkAgain: true });
    expect(row!.guard).toBe("2026-05-01T10:00:00Z");
  });
});

describe("a row with warnings", () => {
  const moves = [
    change(byId(ANN1), { email: "ann@gmail.com" }),
    change(byId(ANN2), { name: "Anna A." }),
    change(byId(MIA), { email: "mia@gmail.com" }),
    change(byId(JON), { email: "ann@example.com", is_email_regex: true }),
  ];

  it("is sent, and keeps them; rows that are not sent are not looked at", () => {
    const rows = decideAll(moves);
    expect(outcomes(rows)).toEqual(["update", "update", "rejected_directory_synced", "update"]);
    expect(rows.map(({ warnings }) => warnings?.map(({ code }) => code))).toEqual([
      ["free_mail_domain"],
      undefined,
      undefined,
      ["regex_is_plain_address"],
    ]);
  });

  it("is rejected where that is asked for, with their codes", () => {
    const rows = decideAll(moves, { strict: true });
    expect(outcomes(rows)).toEqual(["rejected_invalid", "update", "rejected_directory_synced", "rejected_invalid"]);
    expect(messages(rows)[0]).toMatchInlineSnapshot(
      `"free_mail_domain: anybody gets an address at the domain gmail.com, and no entry that was looked at has it"`,
    );
    expect(rows[0]!.warnings).toHaveLength(1);
  });
});
