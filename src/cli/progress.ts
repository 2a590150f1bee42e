import type { BudgetView } from "../budget/budget-view.ts";
import { timeLeft } from "../budget/time-left.ts";
import { renderWait } from "./budget-text.ts";
import type { Terminal } from "./terminal.ts";
import { type OutcomeCounts, totalOf } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { requestsLeft } from "../runs/run-progress.ts";
import { formatCount, formatDuration } from "../wording.ts";

const SECOND = 1_000;
const PLAIN_EVERY = 10 * SECOND;
const RATE_OVER = 10 * SECOND;

/** Columns from which on a bar stands before the text, and its own widths. */
const BAR_FROM = 60;
const LEAST_BAR = 10;
const MOST_BAR = 24;

const SEPARATOR = " · ";

/** One thing that the line says, from its longest wording to its shortest. */
type Part = [string, ...string[]];

/** Shows how far a run is: one line that is redrawn on a terminal, a plain line now and then elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #samples: { at: number; requests: number }[] = [];
  #lastPlain = Number.NEGATIVE_INFINITY;
  #lastState = "";

  constructor(terminal: Terminal, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** `budget`: as it stands; null where it is not known. No time left is promised then, nor where nobody works on the run. */
  show(run: Run, budget: BudgetView | null, isWorkedOn = true): void {
    const now = this.#now();
    this.#samples.push({ at: now, requests: run.requests.total });
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > RATE_OVER) this.#samples.shift();
    const parts = this.#parts(run, budget, isWorkedOn);
    if (this.#terminal.isLive) {
      this.#terminal.redraw(this.#line(run, parts));
    } else if (!this.#terminal.json && (now - this.#lastPlain >= PLAIN_EVERY || run.state !== this.#lastState)) {
      this.#lastPlain = now;
      this.#terminal.note(parts.map(([first]) => first).join(SEPARATOR));
    }
    this.#lastState = run.state;
  }

  /** As many of the parts as fit, behind a bar where there is room for one. Never fills the last column, where some terminals wrap. */
  #line(run: Run, parts: Part[]): string {
    const columns = this.#terminal.columns() - 1;
    if (columns < BAR_FROM - 1) return fit(parts, columns);
    const share = run.source.rows === 0 ? 1 : totalOf(run.outcomes) / run.source.rows;
    const text = fit(parts, columns - LEAST_BAR - 2);
    const width = Math.min(MOST_BAR, columns - 2 - text.length);
    const filled = Math.round(share * width);
    return `${this.#terminal.style("green", "█".repeat(filled))}${this.#terminal.style("dim", "░".repeat(width - filled))}  ${text}`;
  }

  #parts(run: Run, budget: BudgetView | null, isWorkedOn: boolean): Part[] {
    const done = formatCount(totalOf(run.outcomes));
    const rows = formatCount(run.source.rows);
    const parts: Part[] = [[`${done} of ${rows} rows`, `${done}/${rows}`]];
    parts.push(...briefOutcomes(run.outcomes).map((brief): Part => [brief]));
    const measured = this.#measuredRate();
    if (measured !== null) parts.push([`${measured.toFixed(measured < 10 ? 1 : 0)} requests/s`]);
    if (run.state !== "running") parts.push([run.state]);
    if (!isWorkedOn) parts.push(["nobody works on it"]);
    else if (run.state === "running" && budget !== null) {
      const wait = renderWait(budget);
      if (wait !== null) parts.push([wait]);
      const left = formatDuration(timeLeft(requestsLeft(run), budget));
      parts.push([`about ${left} left`, `${left} left`, left]);
    }
    return parts;
  }

  #measuredRate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < SECOND) return null;
    return ((last.requests - first.requests) / (last.at - first.at)) * SECOND;
  }
}

/** The fullest wording that fits into so many columns, every part whole; nothing where not even one part fits. */
function fit(parts: readonly Part[], columns: number): string {
  return wordings(parts).find((wording) => wording.length <= columns) ?? "";
}

/**
 * From the fullest to the shortest. The last part says how long it takes still, or why that is not known, and is the last to go;
 * before it the number of rows, which come first; and first of all what stands between them, from its end.
 */
function wordings([rows, ...rest]: readonly Part[]): string[] {
  const end = rest.pop() ?? [];
  const between = rest.map(([first]) => first);
  return [
    ...between.map((_, left) => join(rows![0], ...between.slice(0, between.length - left), end[0])),
    join(rows![0], end[0]),
    ...end.map((text) => join(rows!.at(-1), text)),
    ...end,
    rows!.at(-1)!,
  ];
}

function join(...texts: (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join(SEPARATOR);
}

/** The outcomes in few words: every kind of rejection together. */
function briefOutcomes({ updated, unchanged, failed, cancelled, ...rejected }: OutcomeCounts): string[] {
  const counts = {
    updated,
    unchanged,
    rejected: Object.values(rejected).reduce((sum, n) => sum + n, 0),
    failed,
    cancelled,
  };
  return Object.entries(counts).flatMap(([label, n]) => (n > 0 ? `${formatCount(n)} ${label}` : []));
}
