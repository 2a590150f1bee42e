import { type Outcome, OUTCOMES, type RowResult } from "../runs/outcome.ts";
import { clip } from "./clip.ts";
import type { ShownRow } from "./shown-row.ts";

/** Rows of one cause that the page shows; failed.csv has all of them. */
const MOST_SHOWN_OF_CAUSE = 50;

/** Causes of one outcome that are told apart; the rows of any others come together under "other causes". */
const MOST_CAUSES = 12;

/** Rows that ended badly for the same reason. */
export interface Cause {
  outcome: Outcome;
  httpStatus: number | null;
  apiCode: number | null;
  /** What the rows have in common; null where that is the outcome alone and each message names only the row's own things. */
  message: string | null;
  rows: number;
  /** The first of them. */
  shown: ShownRow[];
}

/** Gathers rejected and failed rows by cause; memory is bounded, however many different messages there are. */
export class Causes {
  readonly #causes = new Map<string, Cause>();
  readonly #perOutcome = new Map<Outcome, number>();

  add(result: RowResult, show: () => ShownRow): void {
    const cause = this.#causeOf(result);
    cause.rows += 1;
    if (cause.shown.length < MOST_SHOWN_OF_CAUSE) cause.shown.push(show());
  }

  sorted(): Cause[] {
    return [...this.#causes.values()].toSorted(
      (a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) || b.rows - a.rows,
    );
  }

  #causeOf(result: RowResult): Cause {
    const { outcome } = result;
    const cause = tellCause(result);
    const key = JSON.stringify([outcome, cause.key]);
    const known = this.#causes.get(key);
    if (known) return known;

    const causes = (this.#perOutcome.get(outcome) ?? 0) + 1;
    if (causes > MOST_CAUSES) return this.#others(outcome);
    this.#perOutcome.set(outcome, causes);
    return this.#add(key, {
      outcome,
      httpStatus: cause.httpStatus,
      apiCode: cause.apiCode,
      message: cause.message,
      rows: 0,
      shown: [],
    });
  }

  #others(outcome: Outcome): Cause {
    const known = this.#causes.get(outcome);
    return (
      known ??
      this.#add(outcome, { outcome, httpStatus: null, apiCode: null, message: "other causes", rows: 0, shown: [] })
    );
  }

  #add(key: string, cause: Cause): Cause {
    this.#causes.set(key, cause);
    return cause;
  }
}

/** What rows of one cause share; `key` is what tells it from others of the same outcome. */
function tellCause(result: RowResult): Pick<Cause, "httpStatus" | "apiCode" | "message"> & { key: unknown } {
  const { outcome, httpStatus, apiCode } = result;
  const message = result.message === null ? null : clip(result.message);
  if (outcome === "rejected_by_api" || outcome === "failed") {
    // With a code, the first row's message stands for all: some texts carry the value, a time or a counter.
    const key = [httpStatus, apiCode, apiCode === null && message !== null ? withoutNumbers(message) : null];
    return { key, httpStatus, apiCode, message };
  }
  const shared = outcome === "rejected_invalid" && result.message !== null ? clip(withoutFound(result.message)) : null;
  return { key: shared, httpStatus: null, apiCode: null, message: shared };
}

/** Leaves the values out of `column "E-mail": expected one e-mail address, found "a@x, b@x"; column …`. */
function withoutFound(problems: string): string {
  return problems.replaceAll(/, found .*?(?=; (?:column "|row: )|$)/gs, "");
}

/** Times and counters differ from row to row; the cause is the same. */
function withoutNumbers(message: string): string {
  return message.replaceAll(/\d+(?:\.\d+)?/g, "…");
}
