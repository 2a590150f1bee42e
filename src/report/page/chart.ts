import { OUTCOME_LABELS } from "../../runs/outcome.ts";
import { type Counted, countGroups, rowsOf } from "../outcome-groups.ts";
import { formatCount, formatShare } from "../../wording.ts";
import { html, type Html } from "../../html.ts";

/** One piece of the bar; `kind` names its colour in the style. */
export interface Segment {
  kind: "updated" | "unchanged" | "synced" | "fix" | "retry" | "skipped" | "open";
  label: string;
  rows: number;
}

/** The pieces that have rows, in the order of the outcomes; they add up to the run's rows. */
export function segmentsOf(run: Counted): Segment[] {
  const groups = countGroups(run);
  const all: Segment[] = [
    { kind: "updated", label: OUTCOME_LABELS.updated, rows: run.outcomes.updated },
    { kind: "unchanged", label: OUTCOME_LABELS.unchanged, rows: run.outcomes.unchanged },
    { kind: "synced", label: OUTCOME_LABELS.rejected_directory_synced, rows: groups.in_directory },
    { kind: "fix", label: "To fix", rows: groups.to_fix },
    { kind: "retry", label: "Failed", rows: groups.to_retry },
    { kind: "skipped", label: OUTCOME_LABELS.cancelled, rows: groups.not_tried },
    { kind: "open", label: "No outcome yet", rows: groups.open },
  ];
  return all.filter((segment) => segment.rows > 0);
}

const WIDTH = 1000;
const HEIGHT = 28;
const GAP = 3;
/** A piece of one row in two thousand must still be seen. */
const LEAST = 10;

/** All rows as one bar, cut by outcome. The table of outcomes stands below it and says the same in numbers. */
export function renderChart(run: Counted): Html {
  const segments = segmentsOf(run);
  const total = rowsOf(run);
  if (segments.length === 0) return html``;
  const widths = widthsOf(segments);
  let x = 0;
  const bars = segments.map(({ kind, label, rows }, i) => {
    const bar = html`<rect class="${kind}" x="${round(x)}" y="0" width="${round(widths[i]!)}" height="${HEIGHT}"
      ><title>${label}: ${formatCount(rows)} (${formatShare(rows, total)})</title></rect
    >`;
    x += widths[i]! + GAP;
    return bar;
  });
  const description = segments.map(({ label, rows }) => `${label} ${formatCount(rows)}`).join(", ");
  return html`<svg
    class="chart"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-labelledby="chart-title chart-desc"
  >
    <title id="chart-title">Rows by outcome</title>
    <desc id="chart-desc">${description}.</desc>
    ${bars}
  </svg>`;
}

/** Widths in proportion, none under `LEAST`; with the gaps they fill the bar. */
function widthsOf(segments: readonly Segment[]): number[] {
  const room = WIDTH - GAP * (segments.length - 1);
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  const wanted = segments.map((segment) => Math.max(LEAST, (room * segment.rows) / rows));
  const over = wanted.reduce((sum, width) => sum + width, 0) - room;
  const widest = wanted.indexOf(Math.max(...wanted));
  return wanted.map((width, i) => (i === widest ? width - over : width));
}

function round(n: number): string {
  return n.toFixed(1);
}
