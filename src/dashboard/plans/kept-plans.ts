import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { RequestError } from "../../explained-error.ts";
import type { Plan } from "../../plan/make-plan.ts";
import type { PlannedSource } from "../../plan/plan-source.ts";
import type { Run, RunOptions } from "../../runs/run.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import { nameOptions } from "./option-names.ts";
import { PlanRows } from "./plan-rows.ts";

/** How long a plan waits for somebody to start it. */
export const KEPT_MS = 3_600_000;
/** Of these the oldest goes when one more comes. */
const MOST_PLANS = 50;

/** A plan that was made here and waits to be started, or was. Its rows are on disk. */
export interface KeptPlan extends Pick<
  Plan,
  "digest" | "sha256" | "notes" | "summary" | "warnings" | "requests" | "registrySize"
> {
  id: string;
  /** How many rows it has. */
  rowCount: number;
  rows: PlanRows;
  source: PlannedSource["source"];
  options: RunOptions;
  /** Who had it made. */
  by: string;
  /** Epoch milliseconds. */
  madeAt: number;
  /** The run that it was started as; null: not yet. A second start gets the same. */
  run: Promise<Run> | null;
}

/** Plans that wait, each for an hour, in a private folder that goes with the process. */
export class KeptPlans {
  readonly #now: () => number;
  readonly #plans = new Map<string, KeptPlan>();
  #folder: Promise<string> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Where uploads and rows are put: a folder that nobody else can read. */
  async folder(): Promise<string> {
    this.#folder ??= makeTemporaryFolder("bulkpatch-serve-");
    return await this.#folder;
  }

  /** Keeps a plan's rows and numbers. The plan itself is the caller's to close. */
  async keep(plan: Plan, facts: Pick<KeptPlan, "source" | "options" | "by">): Promise<KeptPlan> {
    const id = randomUUID();
    const rows = await PlanRows.write(join(await this.folder(), `${id}.jsonl`), plan.decided());
    const { digest, sha256, notes, summary, warnings, requests, registrySize } = plan;
    const kept: KeptPlan = {
      ...facts,
      digest,
      sha256,
      notes: notes.map(nameOptions),
      summary,
      warnings,
      requests,
      registrySize,
      id,
      rowCount: plan.rows,
      rows,
      madeAt: this.#now(),
      run: null,
    };
    this.#plans.set(id, kept);
    await this.#removeOld();
    this.#timer ??= setInterval(() => void this.#removeOld(), KEPT_MS / 60).unref();
    return kept;
  }

  /** Throws RequestError `plan_not_found`, also when its hour is over. */
  async find(id: string): Promise<KeptPlan> {
    await this.#removeOld();
    const plan = this.#plans.get(id);
    if (plan) return plan;
    throw new RequestError(
      "plan_not_found",
      "there is no such plan any more: plans are kept for an hour, by the process that made them",
      "upload the file again",
    );
  }

  /** Forgets a plan; nothing was sent. Safe to call twice. */
  async forget(id: string): Promise<void> {
    const plan = this.#plans.get(id);
    this.#plans.delete(id);
    await plan?.rows.close();
    if (plan) await rm(join(await this.folder(), `${id}.jsonl`), { force: true });
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all([...this.#plans.values()].map(async ({ run }) => await run?.catch(() => null)));
    for (const id of this.#plans.keys()) await this.forget(id);
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #removeOld(): Promise<void> {
    const old = [...this.#plans.values()].filter(({ madeAt }) => madeAt <= this.#now() - KEPT_MS);
    const tooMany = [...this.#plans.values()].slice(0, Math.max(0, this.#plans.size - MOST_PLANS));
    for (const { id } of new Set([...old, ...tooMany])) await this.forget(id);
  }
}
