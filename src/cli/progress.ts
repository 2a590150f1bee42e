import type { Terminal } from "./terminal.ts";
import { type OutcomeCounts, totalOf } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { formatCount, formatDuration } from "../wording.ts";

const SECOND = 1_000;
const PLAIN_EVERY = 10 * SECOND;
const RATE_OVER = 10 * SECOND;

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

  /** `requestsPerSecond`: what the budget allows now. No time left is promised where nobody works on the run. */
  show(run: Run, requestsPerSecond: number, isWorkedOn = true): void {
    const now = this.#now();
    this.#samples.push({ at: now, requests: run.requests.total });
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > RATE_OVER) this.#samples.shift();
    if (this.#terminal.isLive) {
      this.#terminal.redraw(this.#line(run, this.#text(run, requestsPerSecond, isWorkedOn)));
    } else if (!this.#terminal.json && (now - this.#lastPlain >= PLAIN_EVERY || run.state !== this.#lastState)) {
      this.#lastPlain = now;
      this.#terminal.note(this.#text(run, requestsPerSecond, isWorkedOn));
    }
    this.#lastState = run.state;
  }

  #line(run: Run, text: string): string {
    const done = totalOf(run.outcomes);
    const share = run.source.rows === 0 ? 1 : done / run.source.rows;
    const width = Math.max(0, Math.min(24, this.#terminal.columns() - text.length - 4));
    if (width < 6) return text.slice(0, this.#terminal.columns() - 1);
    const filled = Math.round(share * width);
    return `${this.#terminal.style("green", "█".repeat(filled))}${this.#terminal.style("dim", "░".repeat(width - filled))}  ${text}`;
  }

  #text(run: Run, requestsPerSecond: number, isWorkedOn: boolean): string {
    const done = totalOf(run.outcomes);
    const parts = [`${formatCount(done)} of ${formatCount(run.source.rows)} rows`];
    parts.push(...briefOutcomes(run.outcomes));
    if (run.state !== "running") parts.push(run.state);
    const measured = this.#measuredRate();
    if (measured !== null) parts.push(`${measured.toFixed(measured < 10 ? 1 : 0)} requests/s`);
    if (!isWorkedOn) parts.push("nobody works on it");
    else if (run.state === "running")
      parts.push(`about ${formatDuration(secondsLeft(run, requestsPerSecond) * 1_000)} left`);
    return parts.join(" · ");
  }

  #measuredRate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < SECOND) return null;
    return ((last.requests - first.requests) / (last.at - first.at)) * SECOND;
  }
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

/** From the budget: each row that is left takes a request, and as many more as rows took so far. */
export function secondsLeft(run: Run, requestsPerSecond: number): number {
  const left = run.source.rows - totalOf(run.outcomes);
  const sent = run.outcomes.updated + run.outcomes.rejected_by_api + run.outcomes.failed;
  const requestsPerRow = sent < 20 ? 1 : 1 + run.requests.retries / sent;
  return (left * requestsPerRow) / requestsPerSecond;
}
