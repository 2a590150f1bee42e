import { directoryName } from "../../src/registry/directory.ts";
import { noOutcomes, type Outcome, type OutcomeCounts, type RowResult } from "../../src/runs/outcome.ts";
import { DEFAULT_RUN_OPTIONS, type Run, type RunRow } from "../../src/runs/run.ts";
import { type FieldChanges } from "../../src/registry/entry-diff.ts";

export const START = Date.parse("2026-11-20T14:02:00Z");

/** A finished run of a file with the columns Display_Name, Email, Comments; its counters fit `rows`. */
export function makeRun(rows: readonly RunRow[] = [], overrides: Partial<Run> = {}): Run {
  const outcomes = noOutcomes();
  for (const { result } of rows) if (result) outcomes[result.outcome] += 1;
  return {
    id: "2026-11-20-brave-otter",
    name: "people.csv",
    state: "finished",
    reason: null,
    source: {
      name: "people.csv",
      path: "/home/ada/people.csv",
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      rows: rows.length,
      header: ["Display_Name", "Email", "Comments"],
      read: {},
    },
    options: DEFAULT_RUN_OPTIONS,
    accountId: "023e105f4ecef8ad9ca31a8372d0c353",
    retryOf: null,
    rows: rows.length,
    outcomes,
    requests: { total: 1_318, retries: 12, throttled: 0 },
    events: [
      { at: START, what: "planning", by: "ada@it-laptop", detail: null },
      { at: START + 4_000, what: "queueing", by: "ada@it-laptop", detail: null },
      { at: START + 5_000, what: "running", by: "ada@it-laptop", detail: null },
      { at: START + 347_000, what: "finished", by: "ada@it-laptop", detail: null },
    ],
    reportDir: null,
    createdAt: START,
    finishedAt: START + 347_000,
    ...overrides,
  };
}

/** A run of 2,000 rows that is carried out; what it has so far is given. */
export function makeRunUnderWay(outcomes: Partial<OutcomeCounts> = {}, overrides: Partial<Run> = {}): Run {
  const run = makeRun();
  return {
    ...run,
    state: "running",
    source: { ...run.source, rows: 2_000 },
    rows: 2_000,
    outcomes: { ...noOutcomes(), ...outcomes },
    requests: { total: 0, retries: 0, throttled: 0 },
    events: [],
    finishedAt: null,
    ...overrides,
  };
}

export function makeResult(outcome: Outcome, overrides: Partial<RowResult> = {}): RowResult {
  return {
    outcome,
    message: null,
    httpStatus: null,
    apiCode: null,
    attempts: 0,
    finishedAt: START + 60_000,
    rayId: null,
    ...overrides,
  };
}

/** Row `n + 2` of the spreadsheet, about Ada Lovelace, without a change or a result. */
export function makeRow(n: number, overrides: Partial<RunRow> = {}): RunRow {
  return {
    n,
    row: n + 2,
    cells: ["Ada Lovelace", "ada@example.com", ""],
    entryId: idOf(n),
    entryEmail: "ada@example.com",
    entryName: "Ada Lovelace",
    provenance: "A1S_INTERNAL",
    changes: null,
    guard: null,
    result: null,
    ...overrides,
  };
}

function rename(from: string, to: string): FieldChanges {
  return { name: { from, to } };
}

/** One row of each outcome, and one that has none. */
export function rowsOfEveryOutcome(): RunRow[] {
  const unfound = { entryId: null, entryEmail: null, entryName: null, provenance: null };
  const sent = { attempts: 1, rayId: "8f1c2d3e4a5b6c7d-FRA" };
  return [
    makeRow(0, {
      changes: { ...rename("Ada L.", "Ada Lovelace"), comments: { from: "VIP", to: null } },
      entryName: "Ada L.",
      result: makeResult("updated", { httpStatus: 200, ...sent }),
    }),
    makeRow(1, { result: makeResult("unchanged") }),
    makeRow(2, {
      changes: { ...rename("Ada Lovelace", "Countess Lovelace"), comments: { from: null, to: "VIP" } },
      provenance: "SNOOPY-OFFICE_365",
      result: makeResult("rejected_directory_synced", {
        message: "synced from Microsoft 365 (Entra ID): change it there",
      }),
    }),
    makeRow(3, {
      ...unfound,
      cells: ["Bob", "bob@x, bob@y", ""],
      result: makeResult("rejected_invalid", {
        message: 'column "Email": expected one e-mail address, found "bob@x, bob@y"',
      }),
    }),
    makeRow(4, {
      result: makeResult("rejected_duplicate", {
        message: "rows 6, 9 are about the same entry and ask for different things",
      }),
    }),
    makeRow(5, {
      ...unfound,
      result: makeResult("rejected_not_found", { message: "no entry has the e-mail address ada@example.com" }),
    }),
    makeRow(6, {
      ...unfound,
      result: makeResult("rejected_ambiguous", {
        message: "2 entries have the e-mail address ada@example.com; name one by its id",
      }),
    }),
    makeRow(7, {
      changes: rename("A", "B"),
      result: makeResult("rejected_conflict", { message: "the entry was changed at 2026-11-20T13:00:00Z" }),
    }),
    makeRow(8, {
      changes: rename("A", "B"),
      result: makeResult("rejected_by_api", { message: "name is reserved", httpStatus: 422, apiCode: 1004, ...sent }),
    }),
    makeRow(9, {
      changes: rename("A", "B"),
      result: makeResult("failed", { message: "Service Unavailable", httpStatus: 503, ...sent, attempts: 15 }),
    }),
    makeRow(10, {
      changes: rename("A", "B"),
      result: makeResult("cancelled", { message: "not tried: the run was cancelled first" }),
    }),
    makeRow(11, { changes: rename("A", "B") }),
  ];
}

const FIRST = [
  "Ada",
  "Grace",
  "Alan",
  "Katherine",
  "Edsger",
  "Barbara",
  "Donald",
  "Radia",
  "Ken",
  "Margaret",
  "Tim",
  "Hedy",
  "José",
  "Zoë",
  "Łukasz",
  "Siân",
];
const LAST = [
  "Lovelace",
  "Hopper",
  "Turing",
  "Johnson",
  "Dijkstra",
  "Liskov",
  "Knuth",
  "Perlman",
  "Thompson",
  "Hamilton",
  "O'Neil",
  "Lamarr",
  "García",
  "Müller",
  "Nowak",
  "Price",
];
const DEPARTMENTS = ["Finance", "Executive board", "Human resources", "Legal", "Sales"];

/** A spreadsheet of an ordinary company: mostly updates, some of everything else. The same rows for the same count. */
export function* companyRows(count: number): Generator<RunRow> {
  for (let n = 0; n < count; n++) yield companyRow(n);
}

export function companyRow(n: number): RunRow {
  const first = FIRST[(n * 7) % FIRST.length]!;
  const last = LAST[(n * 5 + Math.floor(n / 16)) % LAST.length]!;
  const name = `${first} ${last}`;
  const email = `${ascii(first)}.${ascii(last)}${n}@example.com`;
  const department = DEPARTMENTS[n % DEPARTMENTS.length]!;
  const oldName = `${last}, ${first}`;
  const base = makeRow(n, { cells: [name, email, department], entryEmail: email, entryName: oldName });
  const changes: FieldChanges = {
    name: { from: oldName, to: name },
    ...(n % 3 === 0 && { comments: { from: null, to: department } }),
  };
  const at = { finishedAt: START + n * 250 };
  const ray = `8f${(n * 7919).toString(16).padStart(14, "0")}-FRA`;
  const none = { entryId: null, entryEmail: null, entryName: null, provenance: null };

  if (n % 97 === 3) {
    const message = `column "Email": expected one e-mail address, found "${email}, ${first}@home.example"`;
    return {
      ...base,
      ...none,
      cells: [name, `${email}, ${first}@home.example`, department],
      result: makeResult("rejected_invalid", { ...at, message }),
    };
  }
  if (n % 401 === 7) {
    const message = `column "Display_Name": expected 1 to 1024 characters, found #N/A, which is an error of the spreadsheet`;
    return {
      ...base,
      ...none,
      cells: ["#N/A", email, department],
      result: makeResult("rejected_invalid", { ...at, message }),
    };
  }
  if (n % 211 === 5)
    return {
      ...base,
      ...none,
      result: makeResult("rejected_not_found", { ...at, message: `no entry has the e-mail address ${email}` }),
    };
  if (n % 499 === 9) {
    return {
      ...base,
      result: makeResult("rejected_duplicate", {
        ...at,
        message: `rows ${n + 2}, ${n + 40} are about the same entry and ask for different things`,
      }),
    };
  }
  if (n % 613 === 11) {
    return {
      ...base,
      changes,
      result: makeResult("rejected_by_api", {
        ...at,
        message: "name contains characters that are not allowed",
        httpStatus: 422,
        apiCode: 1004,
        attempts: 1,
        rayId: ray,
      }),
    };
  }
  if (n % 701 === 13) {
    return {
      ...base,
      changes,
      result: makeResult("failed", {
        ...at,
        message: "Service Unavailable",
        httpStatus: 503,
        attempts: 15,
        rayId: ray,
      }),
    };
  }
  if (n % 47 === 1) {
    const provenance = n % 3 === 0 ? "SNOOPY-GOOGLE_DIRECTORY" : "SNOOPY-OFFICE_365";
    return {
      ...base,
      changes,
      provenance,
      result: makeResult("rejected_directory_synced", {
        ...at,
        message: `synced from ${directoryName(provenance)}: change it there`,
      }),
    };
  }
  if (n % 4 === 2) return { ...base, entryName: name, result: makeResult("unchanged", at) };
  return { ...base, changes, result: makeResult("updated", { ...at, httpStatus: 200, attempts: 1, rayId: ray }) };
}

/** The rows as a store streams them. */
export function streamOf(rows: Iterable<RunRow>): () => AsyncGenerator<RunRow> {
  return async function* stream() {
    yield* rows;
  };
}

function idOf(n: number): string {
  return `f174e90a-fafe-4643-bbbc-${n.toString(16).padStart(12, "0")}`;
}

function ascii(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/[^a-z]/gi, "")
    .toLowerCase();
}
