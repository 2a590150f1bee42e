import { somebodyWorksOn } from "./attendance.ts";
import { badOne, canaryRows, isCanaryOver } from "./canary.ts";
import { findRun } from "./control.ts";
import { endCanary } from "./judge-canary.ts";
import { moveRun, noteInHistory } from "./move-run.ts";
import { hasProducer } from "./producer-lease.ts";
import { hasEveryJob, takeBackAbandoned } from "./run-queue.ts";
import { RunError } from "./run-error.ts";
import type { Run } from "./run.ts";
import { settle } from "./settle.ts";
import { isOver } from "./states.ts";
import { exceeded, isUnsent } from "./safety-limit.ts";
import type { ProducerOptions } from "./producer.ts";
import { completeRun, queueRun } from "./start-run.ts";
import { type DecidedRows } from "./decided-rows.ts";

/**
 * Lets an unfinished run go on: rows that are recorded need no source; where recording was cut off, `readAgain` makes the
 * plan from the source once more. A run that is at work already, or over, is answered as it is.
 * Throws RunError when somebody is queueing it at this moment, when its safety limit still holds it, or when the source is
 * gone or not the same any more.
 */
export async function resumeRun(
  id: string,
  producer: ProducerOptions,
  readAgain: (run: Run) => Promise<DecidedRows>,
): Promise<Run> {
  const { backend, by, now = Date.now } = producer;
  const found = await findRun(backend, id);
  const run = (await settle(backend, found.id, by, now)) ?? found;
  if (isOver(run.state)) return run;
  if (!(await somebodyWorksOn(backend, run))) await takeBackAbandoned(backend, run.id);
  switch (run.state) {
    case "running":
    case "cancelling":
      return run;
    case "planning":
    case "queueing":
      throw new RunError("run_busy", `run ${run.id} is being queued by another process`, { run: run.id });
    case "pausing":
    case "paused":
    case "halted":
    case "interrupted":
      return await goOn(run, producer, readAgain);
  }
}

async function goOn(run: Run, producer: ProducerOptions, readAgain: (run: Run) => Promise<DecidedRows>): Promise<Run> {
  const { backend, by, now = Date.now, allowChanges } = producer;
  if (run.rows < run.source.rows) {
    const plan = await readAgain(run);
    assertSameSource(run, plan);
    return await completeRun(run.id, plan, producer);
  }
  const tooMany = isUnsent(run) ? exceeded(run, allowChanges ?? run.options.maxChanges) : null;
  if (tooMany !== null)
    throw new RunError("safety_limit", `run ${run.id} is halted: ${tooMany.message}`, {
      run: run.id,
      changes: tooMany.changes,
    });
  if (run.state === "halted" && (await hasBadCanary(run, producer)))
    await endCanary(backend, run, by, now, `resumed by ${by}`);
  if (await isQueued(run, producer)) {
    const from = ["pausing", "paused", "halted"] as const;
    const moved = await moveRun(backend.runs, run.id, "running", { by, now, from, what: "resumed" });
    if (moved) return moved;
  }
  await noteInHistory(backend.runs, run, "resumed", { by, now });
  return await queueRun(run.id, producer);
}

async function hasBadCanary(run: Run, { backend }: ProducerOptions): Promise<boolean> {
  return !isCanaryOver(run) && badOne(await canaryRows(backend.rows, run)) !== undefined;
}

async function isQueued(run: Run, { backend }: ProducerOptions): Promise<boolean> {
  if (await hasProducer(backend.leases, run.id)) return true; // paused while it is being queued: its producer adds the rest
  return await hasEveryJob(backend, run);
}

function assertSameSource(run: Run, plan: DecidedRows): void {
  if (plan.sha256 === run.source.sha256 && plan.rows === run.source.rows) return;
  throw new RunError(
    "source_changed",
    `run ${run.id} was cut off while its rows were recorded, and ${run.source.path ?? run.source.name} is not the file it was any more (sha256 ${plan.sha256.slice(0, 12)}… instead of ${run.source.sha256.slice(0, 12)}…)`,
    { run: run.id },
  );
}
