import { isKeptInDirectory } from "../../registry/directory.ts";
import { type Outcome, OUTCOME_LABELS, OUTCOMES } from "../../runs/outcome.ts";
import { adviceFor, commandWays } from "../advice.ts";
import type { Cause } from "../causes.ts";
import { directoryAdvice, directoryTitle } from "../directory-advice.ts";
import { countGroups, type Counted, type Group, groupOf, OUTCOME_MEANINGS, rowsOf } from "../outcome-groups.ts";
import { type DriftedRow, MOST_SHOWN, type SyncedDirectory, type WarnedRow } from "../row-statistics.ts";
import { type ShownRow } from "../shown-row.ts";
import { clip } from "../clip.ts";
import { countOf, formatCount, formatShare } from "../../wording.ts";
import { renderChart, type Segment } from "./chart.ts";
import { html, type Html, userText } from "../../html.ts";
import { cappedNote, changeLines, rowsTable } from "./rows-table.ts";

const KINDS: Record<Exclude<Group, "in_place">, Segment["kind"]> = {
  in_directory: "synced",
  to_fix: "fix",
  to_retry: "retry",
  not_tried: "skipped",
  open: "open",
};

/** The bar and the table of all outcomes that occur. */
export function outcomesSection(run: Counted): Html {
  const total = rowsOf(run);
  const { open } = countGroups(run);
  const line = (outcome: Outcome | null, label: string, meaning: string, rows: number): Html =>
    html`<tr>
      <th scope="row">${key(outcome)}${label} <span class="muted">${meaning}</span></th>
      <td class="number">${formatCount(rows)}</td>
      <td class="number">${formatShare(rows, total)}</td>
    </tr> `;
  return html`<section id="outcomes" aria-label="Outcomes">
    ${renderChart(run)}
    <table class="outcomes">
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th class="number" scope="col">Rows</th>
          <th class="number" scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        ${OUTCOMES.filter((outcome) => run.outcomes[outcome] > 0).map((outcome) => line(outcome, OUTCOME_LABELS[outcome], OUTCOME_MEANINGS[outcome], run.outcomes[outcome]))}${
          open > 0 ? line(null, "No outcome yet", "the run has not come to them", open) : null
        }
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All rows</th>
          <td class="number">${formatCount(total)}</td>
          <td></td>
        </tr>
      </tfoot>
    </table>
  </section> `;
}

/** The refused entries, directory by directory. */
export function syncedSection(directories: readonly SyncedDirectory[]): Html | null {
  if (directories.length === 0) return null;
  return html`<section id="synced">
    <h2>Synced from a directory</h2>
    <p class="intro">These entries come from a directory, and Cloudflare takes no update for them.</p>
    ${directories.map(
      ({ provenance, rows, fields, shown }) =>
        html`<h3>
            ${userText(clip(directoryTitle(provenance)))}
            <span class="count">${countOf(rows, "entry", "entries")}</span>
          </h3>
          <p class="advice">${directoryAdvice(provenance, [...fields])}</p>
          ${shown.length > 0 ? rowsTable(shown, "Now → wanted", syncedCell) : null}
          ${cappedNote(shown.length, rows, "directory-synced.csv")} `,
    )}
  </section> `;
}

/** Rows that a person should look at, whatever became of them. */
export function warningsSection(shown: readonly WarnedRow[], rows: number): Html | null {
  if (shown.length === 0) return null;
  const warningsOf = new Map(shown.map(({ row, warnings }) => [row, warnings]));
  return html`<section id="warnings">
    <h2>Warnings</h2>
    <p class="intro">An address on this list is one that is trusted to be that person: look at these.</p>
    ${rowsTable([...warningsOf.keys()], "Warning", (row) => html`${warningsOf.get(row)!.map(({ code, message }) => html`<span class="change"><span class="field">${code}</span> ${userText(clip(message))}</span> `)}`)}
    ${cappedNote(shown.length, rows, "report.csv")}
  </section> `;
}

/** What somebody changed in the registry since the schedule last applied it, whatever became of it. */
export function driftSection(shown: readonly DriftedRow[], rows: number): Html | null {
  if (shown.length === 0) return null;
  const textOf = new Map(shown.map(({ row, text }) => [row, text]));
  return html`<section id="drift">
    <h2>Changed in the registry</h2>
    <p class="intro">
      Somebody changed these entries in the registry since the schedule last made them as the list has them.
    </p>
    ${rowsTable([...textOf.keys()], "What was changed", (row) => userText(textOf.get(row)!))}
    ${cappedNote(shown.length, rows, "report.csv")}
  </section> `;
}

/** What the run changed, old → new: folded on the screen, open on paper. */
export function updatedSection(shown: readonly ShownRow[], updated: number): Html | null {
  if (shown.length === 0) return null;
  return html`<section id="updated">
    <h2>Updated</h2>
    <details class="printed">
      <summary>Show what was changed in ${countOf(updated, "row")}</summary>
      ${rowsTable(shown, "Before → now", (row) => changeLines(row.changes))}
      ${cappedNote(shown.length, updated, "report.csv")}
    </details>
  </section> `;
}

/** Rejected and failed rows by cause, with the next step. */
export function causesSection(causes: readonly Cause[], runId: string): Html | null {
  if (causes.length === 0) return null;
  return html`<section id="causes">
    <h2>Rows that did not get through</h2>
    ${causes.map((cause) => causePart(cause, runId))}
  </section> `;
}

/** The first rows of each outcome, to look a row up. */
export function allRowsSection(sample: { rows: ShownRow[]; complete: boolean }, total: number): Html | null {
  if (sample.rows.length === 0) return null;
  const present = [...OUTCOMES, null].filter((outcome) => sample.rows.some((row) => row.outcome === outcome));
  const note = sample.complete
    ? `All ${countOf(total, "row")}.`
    : `The first ${MOST_SHOWN.ofOutcome} rows of each outcome, of ${countOf(total, "row")}; report.csv has all of them.`;
  return html`<section id="rows" class="screen">
    <h2>Row by row</h2>
    <p>${note}</p>
    <details>
      <summary>Show ${countOf(sample.rows.length, "row")}</summary>
      <form id="filter" hidden>
        <input type="search" placeholder="Search name, address, message" aria-label="Search rows" />
        <select aria-label="Outcome">
          <option value="">All outcomes</option>
          ${present.map((outcome) => html`<option value="${outcome ?? "open"}">${labelOf(outcome)}</option>`)}
        </select>
        <output></output>
      </form>
      ${rowsTable(sample.rows, "Outcome", outcomeCell)}
    </details>
  </section> `;
}

function causePart(cause: Cause, runId: string): Html {
  const { outcome, rows, shown } = cause;
  const refused = outcome === "rejected_by_api" || outcome === "failed";
  const codes = [cause.httpStatus && `HTTP ${cause.httpStatus}`, cause.apiCode && `code ${cause.apiCode}`]
    .filter(Boolean)
    .join(", ");
  return html`<h3>${key(outcome)}${OUTCOME_LABELS[outcome]} <span class="count">${countOf(rows, "row")}</span></h3>
    ${codes || cause.message ? html`<p class="cause">${codes}${codes && cause.message ? ": " : null}${cause.message ? userText(cause.message) : null}</p>` : null}
    <p class="advice">${adviceFor(cause, commandWays(runId))}</p>
    ${rowsTable(shown, refused ? "Wanted" : "Why", (row) => (refused ? changeLines(row.changes) : reasonCell(row)))}
    ${cappedNote(shown.length, rows, "failed.csv")} `;
}

/** The wanted changes; those that no directory can make are said to be so. */
function syncedCell({ changes }: ShownRow): Html {
  return changeLines(changes, ({ field }) => (isKeptInDirectory(field) ? null : "can't be changed while synced"));
}

/** Why rows of a cause did not get through: those that contradict each other, by what each asks for. */
function reasonCell(row: ShownRow): Html {
  return html`${userText(row.message)}${row.asks === "" ? null : html` <span class="change"><span class="field">asks for</span> ${userText(row.asks)}</span>`}`;
}

function outcomeCell(row: ShownRow): Html {
  const detail =
    row.outcome === "updated"
      ? changeLines(row.changes)
      : row.message === ""
        ? null
        : html`<span class="change muted">${userText(row.message)}</span>`;
  return html`${key(row.outcome)}${labelOf(row.outcome)} ${detail}`;
}

function labelOf(outcome: Outcome | null): string {
  return outcome === null ? "No outcome yet" : OUTCOME_LABELS[outcome];
}

/** The small square in the colour that the bar has for this outcome; the words beside it say the same. */
function key(outcome: Outcome | null): Html {
  const group = groupOf(outcome);
  const kind = group === "in_place" ? outcome : KINDS[group];
  return html`<svg class="key" viewBox="0 0 10 10" aria-hidden="true">
    <rect class="${kind}" width="10" height="10" />
  </svg>`;
}
