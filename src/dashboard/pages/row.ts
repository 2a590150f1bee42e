import { html, type Html, userText } from "../../html.ts";
import { adviceFor } from "../../report/advice.ts";
import { knowsOldValues, shownChanges } from "../../report/changes-text.ts";
import { renderDrift } from "../../report/drift-text.ts";
import { OUTCOME_MEANINGS } from "../../report/outcome-groups.ts";
import { time } from "../../report/page/about-section.ts";
import { OUTCOME_LABELS } from "../../runs/outcome.ts";
import { findRun } from "../../runs/control.ts";
import { findRow } from "../facts/find-rows.ts";
import { BUTTON_WAYS } from "../remedies.ts";
import { pageRoute } from "../route.ts";
import { RowParams } from "../run-params.ts";
import { listTable } from "./list-table.ts";

export const rowPage = pageRoute({
  path: "/runs/:run/rows/:row",
  right: "viewer",
  params: RowParams,
  render: async ({ desk, params }) => {
    const run = await findRun(desk.backend, params.run);
    const row = await findRow(desk.backend, run, params.row);
    const { result } = row;
    const advice = result && adviceFor({ ...result, provenance: row.provenance }, BUTTON_WAYS);
    const drift = renderDrift(row);
    const facts: [string, Html | string | null][] = [
      ["Entry", row.entryId && html`<code>${row.entryId}</code>`],
      ["Name", row.entryName && userText(row.entryName)],
      ["E-mail", row.entryEmail && userText(row.entryEmail)],
      ["Provenance", row.provenance],
      ["Attempts", result && String(result.attempts)],
      ["HTTP status", result?.httpStatus ? String(result.httpStatus) : null],
      ["Cloudflare's code", result?.apiCode ? String(result.apiCode) : null],
      ["Ray id", result?.rayId ? html`<code>${result.rayId}</code>` : null],
      ["Ended", result && time(result.finishedAt, "with seconds")],
    ];
    return {
      title: `Row ${row.row} of ${run.id}`,
      main: html`<p class="sub">
          <a href="/runs/${run.id}">${run.id}</a> › <a href="/runs/${run.id}/rows">rows</a> › ${row.row}
        </p>
        <h1>Row ${row.row}: ${result ? OUTCOME_LABELS[result.outcome] : "no outcome yet"}</h1>
        ${result && html`<p class="muted">${OUTCOME_MEANINGS[result.outcome]}</p>`}
        ${result?.message ? html`<p>${userText(result.message)}</p>` : null} ${advice && html`<p>${advice}</p>`}
        ${drift && html`<p class="notice">Changed in the registry: ${userText(drift)}</p>`}
        ${(row.warnings ?? []).map(({ message }) => html`<p class="notice">${userText(message)}</p>`)}
        ${
          row.changes &&
          listTable(
            [{ head: "Field" }, { head: "Before" }, { head: "Wanted" }],
            shownChanges(row.changes, knowsOldValues(run)).map(({ field, from, to }) => ({
              cells: [field, from === null ? "not read" : userText(from), userText(to)],
            })),
          )
        }
        <dl>
          ${facts.map(([name, value]) =>
            value
              ? html`<dt>${name}</dt>
                  <dd>${value}</dd>`
              : null,
          )}
        </dl>
        <section>
          <h2>The row itself</h2>
          <dl>
            ${run.source.header.map(
              (header, i) =>
                html`<dt>${userText(header)}</dt>
                  <dd>${userText(row.cells[i] ?? "")}</dd>`,
            )}
          </dl>
        </section>`,
    };
  },
});
