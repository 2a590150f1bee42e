import { makeRetryPlan } from "../../plan/retry-plan.ts";
import { planAgain } from "../../plan/plan-again.ts";
import { makeUndoPlan } from "../../plan/undo-plan.ts";
import type { Plan } from "../../plan/make-plan.ts";
import { assertAccount, cancelRun, findRun, pauseRun } from "../../runs/control.ts";
import { resumeRun } from "../../runs/resume-run.ts";
import { type RetryFilter, retryName } from "../../runs/retry-run.ts";
import { DEFAULT_RUN_OPTIONS, type Run } from "../../runs/run.ts";
import { type NewRunOptions, startRun } from "../../runs/start-run.ts";
import type { Desk } from "../desk.ts";
import { startOnce } from "./once.ts";

/** Who asks, as the history shows it, and the request's own key. */
export interface Asker {
  by: string;
  key: string | undefined;
}

/** The run that an action is about; throws RunError where there is none, or where it is another account's. */
async function ownRun({ backend, registry }: Desk, id: string): Promise<Run> {
  const run = await findRun(backend, id);
  assertAccount(run, registry.api.accountId);
  return run;
}

export async function pause(desk: Desk, id: string, { by }: Asker): Promise<Run> {
  return await pauseRun({ backend: desk.backend, by, now: desk.now }, (await ownRun(desk, id)).id);
}

export async function cancel(desk: Desk, id: string, { by }: Asker): Promise<Run> {
  return await cancelRun({ backend: desk.backend, by, now: desk.now }, (await ownRun(desk, id)).id);
}

/** `allowChanges`: for a run that its safety limit halted. */
export async function resume(desk: Desk, id: string, { by }: Asker, allowChanges: number | undefined): Promise<Run> {
  const { backend, registry, now } = desk;
  const run = await ownRun(desk, id);
  const plans: Plan[] = [];
  try {
    return await resumeRun(run.id, { backend, by, now, allowChanges }, async (cutOff) => {
      const plan = await planAgain(cutOff, { registry });
      plans.push(plan);
      return plan;
    });
  } finally {
    for (const plan of plans) await plan.close();
  }
}

/** The rows that fit, again, as a new run of this name, or of one that says what it is. */
export async function retry(
  desk: Desk,
  id: string,
  asker: Asker,
  { name: wantedName, ...filter }: RetryFilter & { name: string | undefined },
): Promise<Run> {
  const { backend, registry, now } = desk;
  const before = await ownRun(desk, id);
  const what = `retry ${before.id} ${filter.outcomes.join()} ${filter.apiCodes.join()}`;
  return await startOnce(desk, { what, key: asker.key }, async (runId) => {
    const plan = await makeRetryPlan({ backend, run: before, filter, registry, now: now() });
    const { header, read } = before.source;
    const source = { name: wantedName ?? retryName(before, filter), path: null, header, read };
    return await startPlan(desk, asker, plan, { id: runId, source, options: before.options, retryOf: before.id });
  });
}

/** Puts the values from before back, as a new run. */
export async function undo(desk: Desk, id: string, asker: Asker): Promise<Run> {
  const { backend, registry, now } = desk;
  const before = await ownRun(desk, id);
  return await startOnce(desk, { what: `undo ${before.id}`, key: asker.key }, async (runId) => {
    const rows = () => backend.rows.all(before.id);
    const plan = await makeUndoPlan({ run: before, rows, registry, now: now() });
    const source = { name: `undo of ${before.id}`, path: null, header: before.source.header, read: {} };
    return await startPlan(desk, asker, plan, { id: runId, source, options: DEFAULT_RUN_OPTIONS, retryOf: null });
  });
}

async function startPlan(
  { backend, registry, now }: Desk,
  { by }: Asker,
  plan: Plan,
  wanted: Omit<NewRunOptions, "accountId" | "reportDir">,
): Promise<Run> {
  try {
    const { accountId } = registry.api;
    return await startRun(
      plan,
      { ...wanted, accountId, reportDir: () => null },
      { backend, by, now, rate: registry.rate },
    );
  } finally {
    await plan.close();
  }
}
