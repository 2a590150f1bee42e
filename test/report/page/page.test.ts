import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "../sample-run.ts";
import { renderText } from "../captured-text.ts";

/** What a reader of the page sees: a line for each paragraph, heading, list item and table row. */
function visibleText(page: string): string {
  return page
    .replaceAll(/<(style|script|svg)\b.*?<\/\1>/gs, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/<\/(?:td|th)>|<span class="mail">/g, " | ")
    .replaceAll(/<\/(?:h\d|p|li|tr|dd)>/g, "\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll(/[ |]*\n[ |]*/g, "\n")
    .replaceAll(/ +/g, " ")
    .trim();
}

function section(page: string, id: string): string {
  const from = page.indexOf(`<section id="${id}"`);
  return from < 0 ? "" : visibleText(page.slice(from, page.indexOf("</section>", from)));
}

test("says in its headline how the run went", async () => {
  const rows = rowsOfEveryOutcome();
  const page = await renderText("html", makeRun(rows), rows);
  expect(visibleText(page.match(/<h1>.*?<\/h1>/s)![0])).toMatchInlineSnapshot(
    `"2 of 12 rows are in place; 1 entry is synced from a directory and must be changed there; 6 rows need fixing; 1 row failed and can be tried again; 1 row was not tried before the run was cancelled; 1 row was never reached."`,
  );
});

test("shows the outcomes as a chart with a title and a description, and as a table that adds up", async () => {
  const rows = rowsOfEveryOutcome();
  const page = await renderText("html", makeRun(rows), rows);
  expect(page).toMatch(/<svg\s+class="chart"[^>]*role="img"[^>]*aria-labelledby="chart-title chart-desc"/);
  expect(section(page, "outcomes")).toMatchInlineSnapshot(`
    "Outcome | Rows | Share
    Updated the entry now has the row's values | 1 | 8.3%
    Unchanged the entry had the row's values before; nothing was sent | 1 | 8.3%
    Synced from a directory must be changed in its directory | 1 | 8.3%
    Invalid cell a cell of the row can't be used | 1 | 8.3%
    Rows contradict each other several rows ask different things of one entry | 1 | 8.3%
    No such entry the registry has no such entry | 1 | 8.3%
    Fits several entries several entries have the row's address | 1 | 8.3%
    Changed by somebody else the entry was changed since the row was made | 1 | 8.3%
    Refused by Cloudflare for the reason that its message gives | 1 | 8.3%
    Failed Cloudflare could not answer, however often it was tried | 1 | 8.3%
    Not tried the run was cancelled first | 1 | 8.3%
    No outcome yet the run has not come to them | 1 | 8.3%
    All rows | 12"
  `);
});

test("says what to do next, with the commands", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  run.source.read.map = { "Full name": "name", 'a"$(x)': "email" };
  expect(section(await renderText("html", run, rows), "next")).toMatchInlineSnapshot(`
    "What to do next
    Hand directory-synced.csv to whoever runs the directory: 1 in Microsoft 365 (Entra ID). See them
    Correct 6 rows in failed.csv and run that file: bulkpatch run failed.csv --map "Full name=name" --map "…=email" See what is wrong
    Try 1 failed row again: bulkpatch retry 2026-11-20-brave-otter
    Nothing was sent for 1 row. To go on after all: bulkpatch retry 2026-11-20-brave-otter --only cancelled
    Was it a mistake? The values from before can be put back: bulkpatch undo 2026-11-20-brave-otter"
  `);
});

test("says that nothing is left to do where that is so", async () => {
  const rows = [makeRow(0, { result: makeResult("unchanged") })];
  expect(section(await renderText("html", makeRun(rows), rows), "next")).toBe(
    "What to do next\nNothing is left to do.",
  );
});

test("groups synced entries by directory with what to do about them", async () => {
  const rows = rowsOfEveryOutcome();
  expect(section(await renderText("html", makeRun(rows), rows), "synced")).toMatchInlineSnapshot(`
    "Synced from a directory
    These entries come from a directory, and Cloudflare takes no update for them.
    Microsoft 365 (Entra ID) 1 entry
    Change name in Microsoft Entra ID (entra.microsoft.com › Users, or the on-premises Active Directory that feeds it); the directory's next sync brings it into the registry. Can't be changed while the entry is synced: comments.
    Row | Entry | Now → wanted
    4 | Ada Lovelace | ada@example.com | name "Ada Lovelace" → "Countess Lovelace" comments empty → "VIP" (can't be changed while synced)"
  `);
});

test("groups what did not get through by cause, each with its next step", async () => {
  const rows = rowsOfEveryOutcome();
  expect(section(await renderText("html", makeRun(rows), rows), "causes")).toMatchInlineSnapshot(`
    "Rows that did not get through
    Invalid cell 1 row
    column "Email": expected one e-mail address
    Correct the named cell in failed.csv, then run that file.
    Row | Entry | Why
    5 | Bob · bob@x, bob@y | column "Email": expected one e-mail address, found "bob@x, bob@y"
    Rows contradict each other 1 row
    Keep one row for each entry in failed.csv, then run that file.
    Row | Entry | Why
    6 | Ada Lovelace | ada@example.com | rows 6, 9 are about the same entry and ask for different things asks for Display_Name: Ada Lovelace; Email: ada@example.com
    No such entry 1 row
    Check the address or the id against the live list (bulkpatch export) and correct it in failed.csv. A run changes entries and adds none: a new person is added in the Cloudflare dashboard first.
    Row | Entry | Why
    7 | Ada Lovelace · ada@example.com | no entry has the e-mail address ada@example.com
    Fits several entries 1 row
    Put the id of the entry that is meant, from the live list (bulkpatch export), into an impersonation_registry_id column of failed.csv, then run that file.
    Row | Entry | Why
    8 | Ada Lovelace · ada@example.com | 2 entries have the e-mail address ada@example.com; name one by its id
    Changed by somebody else 1 row
    Compare the row with the entry in the live list (bulkpatch export). If the row is still right, give it the entry's new modified_at (or none) in failed.csv, then run that file.
    Row | Entry | Why
    9 | Ada Lovelace | ada@example.com | the entry was changed at 2026-11-20T13:00:00Z
    Refused by Cloudflare 1 row
    HTTP 422, code 1004: name is reserved
    Cloudflare's message names what it does not take. Correct it in failed.csv, then run that file.
    Row | Entry | Wanted
    10 | Ada Lovelace | ada@example.com | name "A" → "B"
    Failed 1 row
    HTTP 503: Service Unavailable
    Cloudflare was out of order for too long (www.cloudflarestatus.com tells more). Later: bulkpatch retry 2026-11-20-brave-otter
    Row | Entry | Wanted
    11 | Ada Lovelace | ada@example.com | name "A" → "B""
  `);
});

test("says why a run stopped and how it goes on", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows, {
    state: "halted",
    finishedAt: null,
    reason: "Cloudflare refused the token (403, code 10000).",
  });
  const text = visibleText(await renderText("html", run, rows));
  expect(text).toContain("The run was halted: 2 of 12 rows are in place");
  expect(text).toContain("Cloudflare refused the token (403, code 10000).");
  expect(text).toContain("bulkpatch resume 2026-11-20-brave-otter");
  expect(text).toContain("as of 20 Nov 2026, 14:12 UTC");
});

test("names source, checksum, people and requests", async () => {
  const rows = rowsOfEveryOutcome();
  expect(section(await renderText("html", makeRun(rows), rows), "about")).toMatchInlineSnapshot(`
    "About this run
    Run 2026-11-20-brave-otter
    Spreadsheet people.csv, 12 rows
    SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    Account 023e105f4ecef8ad9ca31a8372d0c353
    Started 20 Nov 2026, 14:02 UTC by ada@it-laptop
    Ended 20 Nov 2026, 14:07 UTC, after 5 min 47 s
    Requests 1,318 sent, 12 of them retries; none answered with 429 (limit reached)
    What happened
    When | What | Who
    20 Nov 2026, 14:02:00 UTC | planning | ada@it-laptop
    20 Nov 2026, 14:02:04 UTC | queueing | ada@it-laptop
    20 Nov 2026, 14:02:05 UTC | running | ada@it-laptop
    20 Nov 2026, 14:07:47 UTC | finished | ada@it-laptop"
  `);
});

test("offers no undo where the old values are not known or the run is not over", async () => {
  const rows = rowsOfEveryOutcome();
  const run = makeRun(rows);
  expect(await renderText("html", run, rows)).toContain("bulkpatch undo");
  expect(await renderText("html", { ...run, options: { ...run.options, noPlan: true } }, rows)).not.toContain(
    "bulkpatch undo",
  );
  expect(await renderText("html", { ...run, state: "paused" }, rows)).not.toContain("bulkpatch undo");
});

test("lets no text of a person or of the API become markup", async () => {
  const attack = `"><script>alert(1)</script><img src=x onerror=alert(2)>' <style>*{display:none}</style> &amp; </section>`;
  const rows = rowsOfEveryOutcome().map((row) => ({
    ...row,
    cells: [attack, attack, attack],
    entryName: attack,
    entryEmail: attack,
    provenance: attack,
    changes: { name: { from: attack, to: attack } },
    result: row.result && { ...row.result, message: attack },
  }));
  const run = makeRun(rows, {
    id: attack,
    reason: attack,
    retryOf: attack,
    accountId: attack,
    events: [{ at: 0, what: attack, by: attack, detail: attack }],
  });
  run.source = { ...run.source, name: attack, sha256: attack, header: [attack], read: { map: { [attack]: attack } } };
  const page = await renderText("html", run, rows, { version: attack });
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page.match(/<style/g)).toHaveLength(1);
  expect(page).not.toContain("<img");
  // No attribute is closed by a quote of theirs: outside tags and their attributes there are no raw quotes.
  expect(
    page.replaceAll(/<(style|script)>.*?<\/\1>/gs, "").replaceAll(/<[a-z!/](?:[^<>"]|"[^"<>]*")*>/g, ""),
  ).not.toMatch(/[<>"']/);
});

test("shows characters that act unseen, keeps each text's direction to itself, and clips what is too long", async () => {
  const rows = [
    makeRow(0, {
      entryName: "Ada\u202Egpj.exe\u200B",
      entryEmail: "a\u0000b@example.com",
      result: makeResult("unchanged"),
    }),
    makeRow(1, { entryName: "سارة", entryEmail: "line\nbreak@example.com", result: makeResult("unchanged") }),
    makeRow(2, { entryName: "x".repeat(10_000), result: makeResult("unchanged") }),
    makeRow(3, { entryName: `${"y".repeat(239)}👩‍💻 and more`, result: makeResult("unchanged") }),
  ];
  const page = await renderText("html", makeRun(rows), rows);
  expect(page).toContain("<bdi>Ada‹U+202E›gpj.exe‹U+200B›</bdi>");
  expect(page).toContain("<bdi>a‹U+0000›b<wbr>@example.com</bdi>");
  expect(page).toContain("<bdi>سارة</bdi>");
  expect(page).toContain("line ⏎ break");
  expect(page).toContain(`<bdi>${"x".repeat(240)}…</bdi>`);
  expect(page).not.toContain("x".repeat(241));
  expect(page.isWellFormed()).toBe(true);
  expect(page).toContain(`${"y".repeat(239)}\uFFFD…`);
});

test("allows its own script and style by their hashes, and nothing else", async () => {
  const page = await renderText("html", makeRun(), []);
  const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)![1]!.replaceAll("&#39;", "'");
  const hash = (tag: string): string =>
    createHash("sha256")
      .update(page.match(new RegExp(`<${tag}>(.*?)</${tag}>`, "s"))![1]!)
      .digest("base64");
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${hash("style")}'; script-src 'sha256-${hash("script")}'; img-src data:; base-uri 'none'; form-action 'none'`,
  );
  expect(page).not.toMatch(/ style="| on\w+="/);
});

test("says which rows it leaves out and where they are", async () => {
  const rows = Array.from({ length: 700 }, (_, n) =>
    makeRow(
      n,
      n < 300
        ? {
            provenance: "SNOOPY-OFFICE_365",
            changes: { name: { from: "A", to: "B" } },
            result: makeResult("rejected_directory_synced"),
          }
        : { result: makeResult(n < 600 ? "updated" : "rejected_not_found") },
    ),
  );
  const text = visibleText(await renderText("html", makeRun(rows), rows));
  expect(text).toContain("The first 250 of 300; directory-synced.csv has all of them.");
  expect(text).toContain("The first 50 of 100; failed.csv has all of them.");
  expect(text).toContain("All 700 rows.");
  const more = Array.from({ length: 1_200 }, (_, n) => makeRow(n, { result: makeResult("updated") }));
  expect(visibleText(await renderText("html", makeRun(more), more))).toContain(
    "The first 500 rows of each outcome, of 1,200 rows; report.csv has all of them.",
  );
});

test("lists the rows that were warned of, whatever became of them", async () => {
  const warnings = [{ code: "lookalike_domain", message: "the domain <c0rp.example> looks like corp.example" }];
  const rows = Array.from({ length: 150 }, (_, n) => makeRow(n, { warnings, result: makeResult("updated") }));
  const page = await renderText("html", makeRun(rows), rows);
  expect(page).not.toContain("<c0rp");
  const text = section(page, "warnings");
  expect(text).toContain("lookalike_domain the domain &lt;c0rp.example&gt; looks like corp.example");
  expect(text).toContain("The first 100 of 150; report.csv has all of them.");
  expect(section(await renderText("html", makeRun([]), []), "warnings")).toBe("");
});
