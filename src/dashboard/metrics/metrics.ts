import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { timeFor } from "../../budget/budget-view.ts";
import { OUTCOMES, totalOf } from "../../runs/outcome.ts";
import { RUN_STATES } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import { MINUTE_MS } from "../../runs/traffic.ts";
import { cronTimes } from "../../schedules/cron-times.ts";
import type { Desk } from "../desk.ts";
import { overviewOf } from "../facts/overview.ts";

/** Runs that are counted, newest first. */
const MOST_RUNS = 10_000;
const TRAFFIC_MS = 5 * MINUTE_MS;

/**
 * What Prometheus reads: all of it but the process's own figures comes from the datastore, so that it is the same whichever
 * `serve` is asked, and counts what workers elsewhere did. Runs that were removed are no longer counted, so these are gauges.
 */
export class Metrics {
  readonly #desk: Desk;
  readonly #registry = new Registry();
  readonly #runs = this.#gauge("bulkpatch_runs", "Runs that are kept, by state", ["state"]);
  readonly #rows = this.#gauge("bulkpatch_rows", "Rows of the runs that are kept, by outcome", ["outcome"]);
  readonly #sent = this.#gauge("bulkpatch_run_requests", "Requests of the runs that are kept", ["result"]);
  readonly #traffic = this.#gauge("bulkpatch_requests_5m", "Requests of the last five minutes by kind and answer", [
    "kind",
    "status",
  ]);
  readonly #budgetLimit = this.#gauge("bulkpatch_budget_limit", "Requests that may be made in a window");
  readonly #budgetUsed = this.#gauge("bulkpatch_budget_used", "Requests that count in the window now");
  readonly #budgetLeft = this.#gauge("bulkpatch_budget_left", "Requests that may still be made in the window");
  readonly #budgetRate = this.#gauge("bulkpatch_budget_per_second", "Requests a second that may be made now");
  readonly #budgetClosed = this.#gauge("bulkpatch_budget_closed_seconds", "How long nothing may be sent; 0: open");
  readonly #permit = this.#gauge(
    "bulkpatch_permit_wait_seconds",
    "How long a request that is asked for now waits for its permit",
  );
  readonly #waiting = this.#gauge("bulkpatch_rows_waiting", "Rows of unfinished runs that have no outcome yet");
  readonly #oldest = this.#gauge("bulkpatch_oldest_unfinished_run_seconds", "Age of the oldest run that is not over");
  readonly #workers = this.#gauge("bulkpatch_workers", "Worker processes that are alive");
  readonly #attention = this.#gauge("bulkpatch_attention", "Things that need somebody", ["code"]);
  readonly #held = this.#gauge("bulkpatch_schedule_held", "1 where a schedule is held", ["schedule"]);
  readonly #success = this.#gauge(
    "bulkpatch_schedule_last_success_timestamp_seconds",
    "When list and registry last agreed; 0: never",
    ["schedule"],
  );
  readonly #next = this.#gauge("bulkpatch_schedule_interval_seconds", "Between the next two due times", ["schedule"]);

  constructor(desk: Desk) {
    this.#desk = desk;
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of this moment. */
  async render(): Promise<string> {
    await Promise.all([this.#countRuns(), this.#countTraffic(), this.#look()]);
    return await this.#registry.metrics();
  }

  async #countRuns(): Promise<void> {
    const runs = await this.#desk.backend.runs.list(MOST_RUNS);
    const now = this.#desk.now();
    for (const state of RUN_STATES) this.#runs.set({ state }, runs.filter((run) => run.state === state).length);
    for (const outcome of OUTCOMES)
      this.#rows.set(
        { outcome },
        runs.reduce((sum, run) => sum + run.outcomes[outcome], 0),
      );
    for (const result of ["total", "retries", "throttled"] as const)
      this.#sent.set(
        { result },
        runs.reduce((sum, run) => sum + run.requests[result], 0),
      );
    const unfinished = runs.filter((run) => !isOver(run.state));
    this.#waiting.set(unfinished.reduce((sum, run) => sum + run.rows - totalOf(run.outcomes), 0));
    this.#oldest.set(unfinished.length === 0 ? 0 : (now - Math.min(...unfinished.map((run) => run.createdAt))) / 1_000);
  }

  async #countTraffic(): Promise<void> {
    const { backend, registry, now } = this.#desk;
    this.#traffic.reset();
    const counts = await backend.traffic.since({ accountId: registry.api.accountId }, now() - TRAFFIC_MS);
    for (const { kind, status, requests } of counts) this.#traffic.inc({ kind, status }, requests);
  }

  async #look(): Promise<void> {
    const { attention, budget, schedules, workers } = await overviewOf(this.#desk);
    const now = this.#desk.now();
    this.#budgetLimit.set(budget.limit);
    this.#budgetUsed.set(budget.used);
    this.#budgetLeft.set(budget.left);
    this.#budgetRate.set(budget.perSecond);
    this.#budgetClosed.set(budget.closedUntil === null ? 0 : (budget.closedUntil - now) / 1_000);
    this.#permit.set(timeFor(1, budget.view).ms / 1_000);
    this.#workers.set(workers.length);
    this.#attention.reset();
    for (const { code } of attention) this.#attention.inc({ code });
    for (const gauge of [this.#held, this.#success, this.#next]) gauge.reset();
    for (const { schedule, lastSuccessAt } of schedules) {
      const { name, held, paused, settings } = schedule;
      const label = { schedule: name };
      this.#held.set(label, held === null ? 0 : 1);
      this.#success.set(label, (lastSuccessAt ?? 0) / 1_000);
      if (paused !== null) continue; // no alert on what somebody stopped
      const [first, second] = cronTimes(settings.cron, settings.timeZone).next(now, 2);
      if (first !== undefined && second !== undefined) this.#next.set(label, (second - first) / 1_000);
    }
  }

  #gauge<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
