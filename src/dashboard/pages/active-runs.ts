import { html, type Html, userText } from "../../html.ts";
import { formatCount } from "../../wording.ts";
import type { ActiveRun } from "../facts/overview.ts";
import { runState, timeLeft } from "./state.ts";

/** Runs that are not over, with how far they are. */
export function activeRuns(active: readonly ActiveRun[]): Html {
  if (active.length === 0) return html`<p class="muted">No run is under way. <a href="/runs">Earlier runs</a></p>`;
  return html`<table class="list">
    <thead>
      <tr>
        <th scope="col">Run</th>
        <th scope="col">State</th>
        <th scope="col" class="number">Rows</th>
        <th scope="col">Time left</th>
      </tr>
    </thead>
    <tbody>
      ${active.map(
        ({ run, progress }) =>
          html`<tr id="active-${run.id}">
            <th scope="row"><a href="/runs/${run.id}">${run.id}</a> <span class="sub">${userText(run.name)}</span></th>
            <td>${runState(run, progress)}</td>
            <td class="number">
              ${formatCount(progress.ended)} of ${formatCount(run.source.rows)}
              <progress max="${Math.max(1, run.source.rows)}" value="${progress.ended}"></progress>
            </td>
            <td>${timeLeft(progress) ?? "–"}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
