import type { Run, RunState } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import { knowsOldValues } from "../changes-text.ts";
import { directoryTitle } from "../directory-advice.ts";
import { countGroups } from "../outcome-groups.ts";
import type { SyncedDirectory } from "../row-statistics.ts";
import { countOf, formatCount } from "../../wording.ts";
import { html, type Html, userText } from "../../html.ts";
import { clip } from "../clip.ts";

/** Why a run that is not over stands where it stands, and what goes on from there; null for a run that is over without a word. */
export function stateNotice(run: Run): Html | null {
  const next = NEXT[run.state];
  if (run.reason === null && next === null) return null;
  return html`<div class="notice">
    ${run.reason === null ? null : html`<p>${userText(clip(run.reason, 1000))}</p>`}
    ${next === null ? null : html`<p>${next.text}${next.command ? html` <code>bulkpatch ${next.command} ${run.id}</code>` : null}</p>`}
  </div> `;
}

const NEXT: Record<RunState, { text: string; command?: string } | null> = {
  planning: { text: "This page shows what was known when it was written." },
  queueing: { text: "This page shows what was known when it was written." },
  running: { text: "This page shows what was known when it was written. See how far it is:", command: "status" },
  pausing: { text: "To go on:", command: "resume" },
  paused: { text: "To go on:", command: "resume" },
  halted: { text: "Once that is put right, go on where it stopped:", command: "resume" },
  interrupted: { text: "To go on where it stopped:", command: "resume" },
  cancelling: null,
  cancelled: null,
  finished: null,
};

/** What is left to do, a line each. `linked`: the page lies beside the report's other files. */
export function nextSteps(run: Run, directories: readonly SyncedDirectory[], linked: boolean): Html {
  const n = countGroups(run);
  const file = (name: string): Html => (linked ? html`<a href="${name}">${name}</a>` : html`${name}`);
  const steps: Html[] = [];
  if (n.in_directory > 0) {
    const names = directories.map(
      ({ provenance, rows }) => html`${formatCount(rows)} in ${userText(clip(directoryTitle(provenance)))}`,
    );
    steps.push(
      html`Hand ${file("directory-synced.csv")} to whoever runs the directory: ${joined(names)}.
        <a href="#synced" class="screen">See them</a>`,
    );
  }
  if (n.to_fix > 0) {
    steps.push(
      html`Correct ${countOf(n.to_fix, "row")} in ${file("failed.csv")} and run that file:
        <code>${runAgainCommand(run)}</code> <a href="#causes" class="screen">See what is wrong</a>`,
    );
  }
  if (n.to_retry > 0)
    steps.push(html`Try ${countOf(n.to_retry, "failed row")} again: <code>bulkpatch retry ${run.id}</code>`);
  if (n.not_tried > 0) {
    steps.push(
      html`Nothing was sent for ${countOf(n.not_tried, "row")}. To go on after all:
        <code>bulkpatch retry ${run.id} --only cancelled</code>`,
    );
  }
  const done = steps.length === 0 && n.open === 0;
  if (done) steps.push(html`Nothing is left to do.`);
  if (isOver(run.state) && run.outcomes.updated > 0 && knowsOldValues(run)) {
    steps.push(
      html`<span class="muted">Was it a mistake? The values from before can be put back:</span>
        <code>bulkpatch undo ${run.id}</code>`,
    );
  }
  if (steps.length === 0) return html``;
  return html`<section id="next">
    <h2>What to do next</h2>
    <ul class="next">
      ${steps.map((step) => html`<li>${step}</li> `)}
    </ul>
  </section> `;
}

/** Characters of a header that mean nothing special to any shell between double quotes. */
const PLAIN = /^[\p{L}\p{N} _.,;:/()@#-]+$/u;

/** The command that runs failed.csv, with the mapping of columns that the source needed. */
function runAgainCommand(run: Pick<Run, "source">): string {
  const entries = Object.entries(run.source.read.map ?? {});
  const flags = entries.map(([header, field]) =>
    PLAIN.test(header) ? ` --map "${header}=${field}"` : ` --map "…=${field}"`,
  );
  return `bulkpatch run failed.csv${flags.join("")}`;
}

function joined(parts: readonly Html[]): Html {
  return html`${parts.map((part, i) => html`${i === 0 ? "" : i === parts.length - 1 ? " and " : ", "}${part}`)}`;
}
