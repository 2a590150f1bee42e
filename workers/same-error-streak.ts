import type { RunStore } from "../src/runs/run-store.ts";
import { moveRun } from "../src/runs/move-run.ts";
import type { RowResult } from "../src/runs/outcome.ts";
import type { Run } from "../src/runs/run.ts";

/**
 * Pauses a run when the API refuses many of its rows in a row with the same error: that is seldom about the rows. The count is
 * shared by all processes.
 */
export class SameErrorStreak {
  readonly #runs: RunStore;
  readonly #run: Run;
  readonly #by: string;
  readonly #now: () => number;
  #length = 0;

  constructor(runs: RunStore, run: Run, by: string, now: () => number) {
    this.#runs = runs;
    this.#run = run;
    this.#by = by;
    this.#now = now;
  }

  /** Counts one row; answers whether that was one too many, and the run was asked to pause. */
  async see({ outcome, httpStatus, apiCode, message }: RowResult): Promise<boolean> {
    const most = this.#run.options.pauseAfterSameError;
    if (most === 0) return false;
    if (outcome !== "rejected_by_api") {
      if (this.#length > 0) await this.#startAnew();
      return false;
    }
    this.#length = await this.#runs.streak(this.#run.id, `${httpStatus} ${apiCode}`);
    if (this.#length < most) return false;
    const code = apiCode === null ? "" : `, code ${apiCode}`;
    await moveRun(this.#runs, this.#run.id, "pausing", {
      by: this.#by,
      now: this.#now,
      from: ["running"],
      reason: {
        code: "same_error",
        message: `the API refused ${this.#length} rows in a row with status ${httpStatus}${code}: "${message}"`,
      },
    });
    await this.#startAnew();
    return true;
  }

  async #startAnew(): Promise<void> {
    this.#length = 0;
    await this.#runs.streak(this.#run.id, null);
  }
}
