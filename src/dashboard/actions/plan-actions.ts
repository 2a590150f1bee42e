import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { RequestError } from "../../explained-error.ts";
import { compareAgain } from "../../plan/compare-again.ts";
import { planSource } from "../../plan/plan-source.ts";
import type { DecidedRows } from "../../runs/decided-rows.ts";
import { DEFAULT_RUN_OPTIONS, type Run, type RunRow } from "../../runs/run.ts";
import { allowedChanges } from "../../runs/safety-limit.ts";
import { startRun } from "../../runs/start-run.ts";
import type { Desk } from "../desk.ts";
import type { KeptPlan } from "../plans/kept-plans.ts";
import { readPlanOptions } from "../plans/plan-options.ts";
import type { Upload } from "../plans/receive-upload.ts";
import type { Asker } from "./run-actions.ts";

const MINUTE = 60_000;
/** A plan that waited longer is held against the registry once more before it is started. */
const FRESH_MS = 5 * MINUTE;

/** Holds an uploaded file against the live registry, and keeps what came of it. The upload itself is removed. */
export async function planUpload(
  { registry, plans }: Desk,
  upload: Upload,
  { by }: Pick<Asker, "by">,
  signal: AbortSignal,
): Promise<KeptPlan> {
  try {
    const { read, lint, maxChanges, checkAgain } = readPlanOptions(upload.fields);
    const { plan, source } = await planSource({
      path: upload.path,
      read,
      lint,
      registry,
      noPlan: false,
      checkAgain,
      needSize: maxChanges !== null,
      signal,
    });
    try {
      const options = {
        ...DEFAULT_RUN_OPTIONS,
        checkAgain,
        maxChanges: maxChanges && allowedChanges(maxChanges, plan.registrySize ?? 0),
      };
      return await plans.keep(plan, { source: { ...source, name: upload.name, path: null }, options, by });
    } finally {
      await plan.close();
    }
  } finally {
    await rm(dirname(upload.path), { recursive: true, force: true });
  }
}

/**
 * Starts a plan as a run, once: whoever asks again gets the same run. Throws RequestError `digest_differs` when it is not the plan
 * that was looked at. What somebody changed in the registry while the plan waited is left alone.
 */
export async function startKeptPlan(desk: Desk, id: string, digest: string, { by }: Asker): Promise<Run> {
  const { backend, registry, plans, now } = desk;
  const plan = await plans.find(id);
  if (digest.trim().toLowerCase() !== plan.digest) {
    throw new RequestError(
      "digest_differs",
      `the plan's digest is ${plan.digest}, and what was approved is another one`,
      "look at the plan as it is, then start it",
    );
  }
  plan.run ??= (async () => {
    const { accountId } = registry.api;
    const { source, options } = plan;
    const rows = await freshRows(desk, plan);
    return await startRun(
      rows,
      { source, options, accountId, retryOf: null, reportDir: () => null },
      { backend, by, now, rate: registry.rate },
    );
  })();
  try {
    const { id: runId } = await plan.run;
    return (await backend.runs.get(runId)) ?? (await plan.run);
  } catch (error) {
    plan.run = null;
    throw error;
  }
}

async function freshRows({ registry, now }: Desk, plan: KeptPlan): Promise<DecidedRows> {
  const decided = () => plan.rows.read();
  const rows = { rows: plan.rowCount, sha256: plan.sha256, requests: plan.requests, decided };
  if (now() - plan.madeAt < FRESH_MS) return rows;
  let requests = plan.requests;
  const client = registry.connect(() => (requests += 1), { urgent: true });
  try {
    const again = await compareAgain({
      rows: decided,
      registry: client,
      planned: true,
      alreadyShown: "unchanged",
      now: now(),
    });
    return { ...rows, requests, decided: () => merged(decided(), again.decided()) };
  } finally {
    await client.close();
  }
}

/** All rows, those that were compared again as they are now. Both come in the same order. */
async function* merged(rows: AsyncIterable<RunRow>, compared: AsyncIterable<RunRow>): AsyncGenerator<RunRow> {
  const again = compared[Symbol.asyncIterator]();
  let next = await again.next();
  for await (const row of rows) {
    if (next.done === true || next.value.n !== row.n) {
      yield row;
      continue;
    }
    yield next.value;
    next = await again.next();
  }
}
