import { html, userText } from "../../html.ts";
import { changeLines, entryCell } from "../../report/page/rows-table.ts";
import { shownRow } from "../../report/shown-row.ts";
import { findRun } from "../../runs/control.ts";
import { OUTCOME_LABELS, OUTCOMES } from "../../runs/outcome.ts";
import { RowFilter } from "../api/list-rows.ts";
import { findRows } from "../facts/find-rows.ts";
import { pageRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { listTable } from "./list-table.ts";
import { pager } from "./pager.ts";

export const rowsPage = pageRoute({
  path: "/runs/:run/rows",
  right: "viewer",
  params: RunParams,
  query: RowFilter,
  render: async ({ desk, params, query }) => {
    const run = await findRun(desk.backend, params.run);
    const { rows, next } = await findRows(desk.backend, run, query);
    const path = `/runs/${run.id}/rows`;
    const { after: _, ...filter } = query;
    return {
      title: `Rows of ${run.id}`,
      main: html`<p class="sub"><a href="/runs">Runs</a> › <a href="/runs/${run.id}">${run.id}</a> › rows</p>
        <h1>Rows of ${userText(run.name)}</h1>
        <form method="get" action="${path}" class="filter">
          <label
            >Outcome
            <select name="outcome">
              <option value="">All</option>
              ${[...OUTCOMES, "open" as const].map((outcome) => {
                const label = outcome === "open" ? "No outcome yet" : OUTCOME_LABELS[outcome];
                return html`<option value="${outcome}" ${query.outcome === outcome ? html` selected` : null}>
                  ${label}
                </option>`;
              })}
            </select>
          </label>
          <label>Code <input name="code" inputmode="numeric" size="6" value="${query.code ?? ""}" /></label>
          <label
            >Text <input name="q" type="search" value="${query.q ?? ""}" placeholder="address, name, id, cell"
          /></label>
          <button>Show</button>
        </form>
        ${
          rows.length === 0
            ? html`<p class="muted">
                ${next === null ? "No row fits." : "None of the rows looked at fits; there are more on the next page."}
                <a href="${path}">All rows</a>
              </p>`
            : listTable(
                [{ head: "Row", number: true }, { head: "Entry" }, { head: "Outcome" }],
                rows.map((row) => {
                  const shown = shownRow(row, run);
                  const ended = shown.outcome === null ? "No outcome yet" : OUTCOME_LABELS[shown.outcome];
                  return {
                    cells: [
                      html`<a href="${path}/${row.row}">${row.row}</a>`,
                      entryCell(shown),
                      html`${ended}
                        <span class="muted">${userText(shown.message)}</span> ${changeLines(shown.changes)}`,
                    ],
                  };
                }),
                { kind: "rows" },
              )
        }
        ${pager(path, filter, next === null ? null : String(next))}`,
    };
  },
});
