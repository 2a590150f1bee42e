import { expect, test } from "vitest";
import { showPlan, type ShowPlanOptions } from "../../src/cli/show-plan.ts";
import type { BudgetView } from "../../src/budget/budget-view.ts";
import type { Plan } from "../../src/plan/make-plan.ts";
import { noOutcomes } from "../../src/runs/outcome.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { makeResult, makeRow, streamOf } from "../report/sample-run.ts";
import { fakeTerminal } from "./fake-terminal.ts";

const OPEN: BudgetView = {
  limit: 1_140,
  windowMs: 300_000,
  used: 0,
  left: 1_140,
  closedForMs: 0,
  reason: null,
  perSecond: 100,
  frees: [],
};

function planOf(rows: readonly RunRow[]): Omit<Plan, "close"> {
  const outcomes = noOutcomes();
  for (const { result } of rows) if (result) outcomes[result.outcome] += 1;
  return {
    rows: rows.length,
    sha256: "",
    requests: 2,
    notes: ["a note that holds \u202E"],
    summary: { update: rows.filter(({ result }) => result === null).length, outcomes },
    warnings: {},
    digest: "",
    registrySize: 40,
    decided: streamOf(rows),
  };
}

async function shown(rows: readonly RunRow[], options: ShowPlanOptions): Promise<string> {
  const { terminal, lines } = fakeTerminal({ columns: 80 });
  await showPlan(
    planOf(rows),
    "people.csv",
    { budget: OPEN, answers: { answerMs: null, atATime: 8 } },
    terminal,
    options,
  );
  return lines.slice(lines.findIndex((line) => /^ {2}compared/.test(line)) + 1).join("\n");
}

const long = "x".repeat(300);
const ROWS = [
  ...Array.from({ length: 7 }, (_, n) =>
    makeRow(n, { changes: { name: { from: n === 0 ? "Ada\u202E" : null, to: n === 1 ? long : "Ada" } } }),
  ),
  ...Array.from({ length: 3 }, (_, n) =>
    makeRow(7 + n, { result: makeResult("rejected_invalid", { message: `column "Email"\nis wrong: ${long}` }) }),
  ),
  makeRow(10, { result: makeResult("unchanged") }),
];

test("shows the first of each kind, how many more there are, and how to see them; long values are clipped", async () => {
  expect(await shown(ROWS, { seeAll: "--all" })).toMatchInlineSnapshot(`
    "Updates
      row 2  ada@example.com: name: "Ada‹U+202E›" → "Ada"
      row 3  ada@example.com: name: empty → "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
      row 4  ada@example.com: name: empty → "Ada"
      row 5  ada@example.com: name: empty → "Ada"
      row 6  ada@example.com: name: empty → "Ada"
      … and 2 more rows
    Rows that are not sent
      row 9  Invalid cell: column "Email" ⏎ is wrong: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      row 10  Invalid cell: column "Email" ⏎ is wrong: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      … and 1 more row
    See every row with: --all"
  `);
});

test("shows every row where that is asked for, in the spreadsheet's order", async () => {
  const text = await shown(ROWS, { all: true });
  expect(text.split("\n")).toHaveLength(1 + ROWS.length);
  expect(text).toContain("row 12  Unchanged");
  expect(text).not.toMatch(/more rows|x{241}/);
});

test("claims no old value where nothing was compared", async () => {
  expect(await shown(ROWS.slice(2, 3), { oldValuesKnown: false })).toBe(
    'Updates\n  row 4  ada@example.com: name: "Ada"',
  );
});

test("says of rows that contradict each other what each asks for", async () => {
  const message = "rows 2, 3 are about the same entry and ask for different things";
  const rows = ["Ada", "Ada L."].map((name, n) =>
    makeRow(n, { cells: ["ada@example.com", name], result: makeResult("rejected_duplicate", { message }) }),
  );
  expect(await shown(rows, { header: ["Email", "Name"] })).toBe(
    [
      "Rows that are not sent",
      `  row 2  Rows contradict each other: ${message}; this one for Email: ada@example.com; Name: Ada`,
      `  row 3  Rows contradict each other: ${message}; this one for Email: ada@example.com; Name: Ada L.`,
    ].join("\n"),
  );
});
