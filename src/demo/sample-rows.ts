import type { EntryUpdate } from "../registry/entry.ts";
import type { DemoEntry } from "./demo-entry.ts";
import type { Random } from "./random.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "./sample-names.ts";
import type { Outcome } from "../runs/outcome.ts";

export const ROW_KINDS = [
  /** Something really changes. */
  "update",
  /** The entry has the values already. */
  "unchanged",
  /** A change of an entry that is synced from a directory. */
  "synced",
  "unknown-id",
  "unknown-email",
  /** One cell fails a check. */
  "invalid",
  /** The same row twice. */
  "repeat",
  /** Two rows that ask for different things of one entry. */
  "conflict",
  /** An address that several entries share. */
  "ambiguous",
] as const;
export type RowKind = (typeof ROW_KINDS)[number];

/** The columns that sample rows fill; the last one is the file's own. */
export const COLUMNS = [
  "id",
  "match_email",
  "email",
  "name",
  "comments",
  "is_email_regex",
  "directory_id",
  "department",
] as const;
export type SampleCells = Partial<Record<(typeof COLUMNS)[number], string>>;

/** What a planned run must say about one row. */
export interface ExpectedRow {
  /** As the spreadsheet shows it: the header is row 1. */
  row: number;
  kind: RowKind;
  outcome: Outcome;
  /** Null where the row fits no entry, or several. */
  entryId: string | null;
  /** The values that the entry has after the run because of this row; null where it changes nothing. */
  set: EntryUpdate | null;
}

export type SampleRow = Omit<ExpectedRow, "row"> & { cells: SampleCells };

export interface SampleRows {
  /** One row of this kind, or two for the kinds that need two; one `update` instead where only one more is wanted. */
  make(kind: RowKind, wanted: number): SampleRow[];
}

/** Makes rows about entries of the registry, each entry in one row or one pair of rows. */
export function createSampleRows(registry: readonly DemoEntry[], random: Random): SampleRows {
  const entries = sortOut(registry, random);

  function take(from: Exclude<keyof typeof entries, "addresses">): DemoEntry {
    const entry = entries[from].pop();
    if (entry === undefined) throw new RangeError(`The registry has too few entries for this spreadsheet (${from}).`);
    return entry;
  }

  function makeUpdate(entry: DemoEntry): { cells: SampleCells; set: EntryUpdate } {
    const { target, freeAddress } = pickTarget(entry, random);
    const set: EntryUpdate = {};
    const cells: SampleCells = { ...target, department: random.pick(DEPARTMENTS) };
    const name = newName(entry.name, random);
    switch (random.int(0, freeAddress ? 5 : 3)) {
      case 0:
        set.comments = cells.comments = `Checked by the help desk,\nsee ticket ${random.int(1000, 9999)}`;
        break;
      case 1:
        set.comments = cells.comments = `"VIP"; asks before paying ${random.int(10, 99)} EUR, always`;
        break;
      case 2:
        set.directory_id = random.int(1, 900);
        cells.directory_id = `${set.directory_id}.0`;
        break;
      case 3:
        set.name = name;
        cells.name = ` ${name} `;
        break;
      default:
        set.email = `moved.${entry.email}`;
        set.name = name;
        cells.email = set.email;
        cells.name = name;
    }
    if (entry.is_email_regex) cells.is_email_regex = random.pick(["true", "YES", "1", "WAHR", "vrai"]);
    return { cells, set };
  }

  const makers: Record<RowKind, (wanted: number) => SampleRow[]> = {
    update() {
      const entry = take("own");
      return [{ kind: "update", outcome: "updated", entryId: entry.id, ...makeUpdate(entry) }];
    },
    unchanged() {
      const entry = take("own");
      const { target } = pickTarget(entry, random);
      const cells = {
        ...target,
        name: entry.name,
        comments: entry.comments ?? "",
        department: random.pick(DEPARTMENTS),
      };
      return [{ kind: "unchanged", outcome: "unchanged", entryId: entry.id, set: null, cells }];
    },
    synced() {
      const entry = take("synced");
      const { cells } = makeUpdate(entry);
      return [{ kind: "synced", outcome: "rejected_directory_synced", entryId: entry.id, set: null, cells }];
    },
    "unknown-id"() {
      const cells = { id: random.uuid(), name: "Nobody Known" };
      return [{ kind: "unknown-id", outcome: "rejected_not_found", entryId: null, set: null, cells }];
    },
    "unknown-email"() {
      const cells = { email: `left.long.ago${random.int(0, 1e9)}@example.com`, name: "Gone Already" };
      return [{ kind: "unknown-email", outcome: "rejected_not_found", entryId: null, set: null, cells }];
    },
    invalid() {
      const entry = take("own");
      const cells: SampleCells = { id: entry.id, name: newName(entry.name, random), ...random.pick(INVALID_CELLS) };
      return [{ kind: "invalid", outcome: "rejected_invalid", entryId: null, set: null, cells }];
    },
    repeat(wanted) {
      if (wanted < 2) return makers.update(wanted);
      const entry = take("own");
      const row: SampleRow = { kind: "repeat", outcome: "updated", entryId: entry.id, ...makeUpdate(entry) };
      return [row, { ...row, cells: { ...row.cells } }];
    },
    conflict(wanted) {
      if (wanted < 2) return makers.update(wanted);
      const entry = take("own");
      const row = { kind: "conflict", outcome: "rejected_duplicate", entryId: entry.id, set: null } as const;
      return [
        { ...row, cells: { id: entry.id, name: newName(entry.name, random) } },
        { ...row, cells: { id: entry.id.toUpperCase(), comments: "Please remove the old note" } },
      ];
    },
    ambiguous(wanted) {
      const email = entries.addresses.pop();
      if (email === undefined) return makers.update(wanted);
      const cells = { email, comments: "Which of the two?" };
      return [{ kind: "ambiguous", outcome: "rejected_ambiguous", entryId: null, set: null, cells }];
    },
  };
  return { make: (kind, wanted) => makers[kind](wanted) };
}

/** Entries by what rows they are good for, each list in random order. */
function sortOut(registry: readonly DemoEntry[], random: Random) {
  const byAddress = Map.groupBy(registry, (entry) => entry.email.toLowerCase());
  const unshared = registry.filter((entry) => byAddress.get(entry.email.toLowerCase())!.length === 1);
  return {
    own: random.shuffle(unshared.filter((entry) => entry.provenance === "A1S_INTERNAL")),
    synced: random.shuffle(unshared.filter((entry) => entry.provenance !== "A1S_INTERNAL")),
    addresses: random.shuffle([...byAddress].filter(([, sharing]) => sharing.length > 1).map(([address]) => address)),
  };
}

/** The cells that name the entry. The `email` cell is free for a new address unless it names the entry itself. */
function pickTarget(entry: DemoEntry, random: Random): { target: SampleCells; freeAddress: boolean } {
  if (entry.is_email_regex) return { target: { id: entry.id }, freeAddress: false };
  switch (random.int(0, 2)) {
    case 0:
      return { target: { id: random.chance(0.5) ? entry.id : entry.id.toUpperCase() }, freeAddress: true };
    case 1:
      return { target: { match_email: ` ${entry.email}` }, freeAddress: true };
    default:
      return { target: { email: random.chance(0.5) ? entry.email : entry.email.toUpperCase() }, freeAddress: false };
  }
}

function newName(name: string, random: Random): string {
  for (;;) {
    const candidate = `${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`;
    if (candidate !== name) return candidate;
  }
}

const DEPARTMENTS = ["Finance", "Board", "Sales, EMEA", "People & Culture", "IT; Security", ""] as const;

/** Each makes a row invalid, whatever else it holds. */
const INVALID_CELLS: readonly SampleCells[] = [
  { email: "not an address" },
  { email: "one@example.com, two@example.com" },
  { email: "#N/A" },
  { name: "x".repeat(1025) },
  { name: "#REF!" },
  { name: "<null>" },
  { is_email_regex: "maybe" },
  { directory_id: "seventeen" },
  { directory_id: "17.5" },
  { id: "f174e90a-fafe-4643-bbbc" },
  { email: "([a-z]+@example", is_email_regex: "true" },
  { name: "Bell \u0007 Ringer" },
];
