import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { changeLines, entryCell } from "../../report/page/rows-table.ts";
import { shownRow } from "../../report/shown-row.ts";
import { OUTCOME_LABELS, OUTCOMES } from "../../runs/outcome.ts";
import type { RunRow } from "../../runs/run.ts";
import { countOf, formatCount, formatDuration } from "../../wording.ts";
import { PlanParams, PlanRowFilter } from "../api/plans.ts";
import { lookAtBudget } from "../facts/budget.ts";
import { findPlanRows } from "../facts/find-plan-rows.ts";
import { KEPT_MS, type KeptPlan } from "../plans/kept-plans.ts";
import { pageRoute } from "../route.ts";
import { button } from "./button.ts";
import { listTable, type ListRow } from "./list-table.ts";
import { addressOf, pager } from "./pager.ts";

export const newPage = pageRoute({
  path: "/new",
  right: "operator",
  render: async () => ({
    title: "New run",
    main: html`<h1>New run</h1>
      <p>
        Upload a spreadsheet (.csv or .xlsx). It is held against the live registry, and you see what would be changed
        before anything is sent.
      </p>
      <form method="post" action="/new" enctype="multipart/form-data" class="upload" data-upload>
        <p class="drop">
          <label for="file">Spreadsheet</label>
          <input id="file" name="file" type="file" accept=".csv,.tsv,.txt,.xlsx,.gz" required />
        </p>
        <details>
          <summary>Options</summary>
          <p>
            <label>Sheet of an .xlsx <input name="sheet" placeholder="the first" /></label>
          </p>
          <p>
            <label
              >Halt instead of updating more entries than <input name="max_changes" placeholder="200 or 30%" size="10"
            /></label>
          </p>
          <p>
            <label
              ><input type="checkbox" name="strict" value="true" /> Reject rows with a warning instead of sending
              them</label
            >
          </p>
          <p>
            <label
              ><input type="checkbox" name="check_again" value="true" /> Look at each entry just before its change (one
              more request a row)</label
            >
          </p>
        </details>
        <button class="main">Upload and show the plan</button>
        <p role="status" class="muted" data-progress></p>
      </form>`,
  }),
});

export const planPage = pageRoute({
  path: "/new/:plan",
  right: "operator",
  params: PlanParams,
  query: PlanRowFilter,
  render: async ({ desk, params, query }) => {
    const plan = await desk.plans.find(params.plan);
    const [{ rows, next }, budget, run] = await Promise.all([
      findPlanRows(plan, query),
      lookAtBudget(desk),
      plan.run?.catch(() => null) ?? null,
    ]);
    const path = `/new/${plan.id}`;
    const { update } = plan.summary;
    const takes = formatDuration(Math.max(1_000, (update / budget.perSecond) * 1_000));
    const { after: _, ...filter } = query;
    return {
      title: `Plan of ${plan.source.name}`,
      main: html`<p class="sub"><a href="/new">New run</a> › plan</p>
        <h1>
          ${update === 0 ? "Nothing is to be sent" : `${countOf(update, "entry is", "entries are")} to be updated`}
        </h1>
        <p>
          ${userText(plan.source.name)}, ${countOf(plan.rowCount, "row")}; nothing was changed yet.
          ${update === 0 ? null : `${countOf(update, "request")}, at least ${takes}.`}
        </p>
        ${plan.notes.map((note) => html`<p class="notice">${userText(note)}</p>`)}
        ${
          run
            ? html`<p class="notice">It was started as <a href="/runs/${run.id}">${run.id}</a>.</p>`
            : html`<div class="actions">
                  ${button({ to: `/plans/${plan.id}/run`, label: update === 0 ? "Record it as a run" : `Start: update ${countOf(update, "entry", "entries")}`, fields: { digest: plan.digest }, tone: "main" })}
                  ${button({ to: `/plans/${plan.id}/discard`, label: "Leave it" })}
                </div>
                <p class="sub">Kept until ${time(plan.madeAt + KEPT_MS)}. Digest <code>${plan.digest}</code></p>`
        }
        ${summaryTable(plan, path)} ${rowsTable(plan, rows)} ${pager(path, filter, next === null ? null : String(next))}`,
    };
  },
});

function summaryTable({ summary, warnings, rowCount }: KeptPlan, path: string): Html {
  const line = (label: string, query: Record<string, string>, rows: number): ListRow => ({
    cells: [html`<a href="${addressOf(path, query)}">${label}</a>`, formatCount(rows)],
  });
  const occurring = OUTCOMES.filter((outcome) => summary.outcomes[outcome] > 0);
  return listTable(
    [{ head: "What becomes of the rows" }, { head: "Rows", number: true }],
    [
      line("To be updated", { outcome: "update" }, summary.update),
      ...occurring.map((outcome) => line(OUTCOME_LABELS[outcome], { outcome }, summary.outcomes[outcome])),
      ...Object.entries(warnings).map(([code, rows]) =>
        line(`Warning: ${code.replaceAll("_", " ")}`, { warned: "true" }, rows),
      ),
    ],
    { sum: line("All rows", {}, rowCount) },
  );
}

function rowsTable(plan: KeptPlan, rows: readonly RunRow[]): Html {
  if (rows.length === 0) return html`<p class="muted">No row fits.</p>`;
  return listTable(
    [{ head: "Row", number: true }, { head: "Entry" }, { head: "Now → wanted" }],
    rows.map((row) => {
      const shown = shownRow(row, plan);
      const what = html`${row.result ? html`${OUTCOME_LABELS[row.result.outcome]} <span class="muted">${userText(shown.message)}</span>` : null}
      ${changeLines(shown.changes)}
      ${(row.warnings ?? []).map(({ message }) => html`<span class="warn">! ${userText(message)}</span>`)}`;
      return { cells: [row.row, entryCell(shown), what] };
    }),
    { kind: "rows" },
  );
}
