import { html, type Html, userText } from "../../html.ts";
import { formatCount } from "../../wording.ts";
import type { ActiveRun } from "../facts/overview.ts";
import type { Run } from "../../runs/run.ts";
import { listTable } from "./list-table.ts";
import { runState, timeLeft } from "./state.ts";

const COLUMNS = [{ head: "Run" }, { head: "State" }, { head: "Rows", number: true }, { head: "Time left" }];

/** Runs that are not over, with how far they are. */
export function activeRuns(active: readonly ActiveRun[]): Html {
  if (active.length === 0) return html`<p class="muted">No run is under way. <a href="/runs">Earlier runs</a></p>`;
  return listTable(
    COLUMNS,
    active.map(({ run, progress }) => ({
      id: `active-${run.id}`,
      cells: [nameOfRun(run), runState(run, progress), howFar(run, progress.ended), timeLeft(progress)],
    })),
  );
}

/** The way to a run, with its spreadsheet's name below. */
export function nameOfRun({ id, name }: Pick<Run, "id" | "name">): Html {
  return html`<a href="/runs/${id}">${id}</a> <span class="sub">${userText(name)}</span>`;
}

/** `412 of 850`, and the same as a bar. */
export function howFar({ id, source: { rows } }: Run, ended: number): Html {
  return html`${formatCount(ended)} of ${formatCount(rows)}
    <progress
      max="${Math.max(1, rows)}"
      value="${ended}"
      aria-label="rows of ${id} that have their outcome"
    ></progress>`;
}
