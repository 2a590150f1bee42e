import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { changeLines } from "../../report/page/rows-table.ts";
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
    const takes = formatDuration((update / budget.perSecond) * 1_000);
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
  const warned = Object.entries(warnings);
  return html`<table class="list">
    <thead>
      <tr>
        <th scope="col">What becomes of the rows</th>
        <th scope="col" class="number">Rows</th>
      </tr>
    </thead>
    <tbody>
      <tr>
        <th scope="row"><a href="${addressOf(path, { outcome: "update" })}">To be updated</a></th>
        <td class="number">${formatCount(summary.update)}</td>
      </tr>
      ${OUTCOMES.filter((outcome) => summary.outcomes[outcome] > 0).map(
        (outcome) =>
          html`<tr>
            <th scope="row"><a href="${addressOf(path, { outcome })}">${OUTCOME_LABELS[outcome]}</a></th>
            <td class="number">${formatCount(summary.outcomes[outcome])}</td>
          </tr>`,
      )}
      ${warned.map(
        ([code, rows]) =>
          html`<tr>
            <th scope="row">
              <a href="${addressOf(path, { warned: "true" })}">Warning: ${code.replaceAll("_", " ")}</a>
            </th>
            <td class="number">${formatCount(rows)}</td>
          </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row"><a href="${path}">All rows</a></th>
        <td class="number">${formatCount(rowCount)}</td>
      </tr>
    </tfoot>
  </table>`;
}

function rowsTable(plan: KeptPlan, rows: readonly RunRow[]): Html {
  if (rows.length === 0) return html`<p class="muted">No row fits.</p>`;
  return html`<table class="rows">
    <thead>
      <tr>
        <th class="number" scope="col">Row</th>
        <th class="entry" scope="col">Entry</th>
        <th scope="col">Now → wanted</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => {
        const shown = shownRow(row, plan);
        return html`<tr>
          <td class="number">${row.row}</td>
          <td><span class="name">${userText(shown.name)}</span> <span class="mail">${userText(shown.email)}</span></td>
          <td>
            ${row.result ? html`${OUTCOME_LABELS[row.result.outcome]} <span class="muted">${userText(shown.message)}</span>` : null}
            ${changeLines(shown.changes)}
            ${(row.warnings ?? []).map(({ message }) => html`<span class="warn">! ${userText(message)}</span>`)}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
