import { html, userText } from "../../html.ts";
import { changeLines } from "../../report/page/rows-table.ts";
import { shownRow } from "../../report/shown-row.ts";
import { findRun } from "../../runs/control.ts";
import { OUTCOME_LABELS, OUTCOMES } from "../../runs/outcome.ts";
import { RowFilter } from "../api/list-rows.ts";
import { findRows } from "../facts/find-rows.ts";
import { pageRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
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
            : html`<table class="rows">
                <thead>
                  <tr>
                    <th class="number" scope="col">Row</th>
                    <th class="entry" scope="col">Entry</th>
                    <th scope="col">Outcome</th>
                  </tr>
                </thead>
                <tbody>
                  ${rows.map((row) => {
                    const shown = shownRow(row, run);
                    return html`<tr>
                      <td class="number"><a href="${path}/${row.row}">${row.row}</a></td>
                      <td>
                        <span class="name">${userText(shown.name)}</span>
                        <span class="mail">${userText(shown.email)}</span>
                      </td>
                      <td>
                        ${shown.outcome === null ? "No outcome yet" : OUTCOME_LABELS[shown.outcome]}
                        <span class="muted">${userText(shown.message)}</span>
                        ${changeLines(shown.changes)}
                      </td>
                    </tr>`;
                  })}
                </tbody>
              </table>`
        }
        ${pager(path, filter, next === null ? null : String(next))}`,
    };
  },
});
