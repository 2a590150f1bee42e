import { eventOf } from "./actor.ts";
import type { DecidedRows } from "./decided-rows.ts";
import { moveRun } from "./move-run.ts";
import { asProducer, type ProducerOptions, queueJobs, stageRows } from "./producer.ts";
import { RunError } from "./run-error.ts";
import type { RunHome } from "./run-home.ts";
import { makeRunId } from "./run-id.ts";
import { removeQueue } from "./run-queue.ts";
import type { NewRun, Run, RunOptions, RunSource } from "./run.ts";
import { rowsAJob } from "./rows-a-job.ts";

/** What a new run is told besides its rows. */
export interface NewRunOptions {
  /** From `freeRunId`, for who must know it before the run exists; left out: a new one. */
  id?: string;
  source: Omit<RunSource, "rows" | "sha256" | "digest">;
  options: RunOptions;
  accountId: string;
  retryOf: string | null;
  reportDir: (runId: string) => string | null;
}

/**
 * Makes a run of decided rows: records them, then adds a job for each entry to update. The run is `running` when this returns,
 * unless the safety limit halted it or somebody asked for something else meanwhile. Throws RunError `entries_busy`, and leaves no
 * run behind, where an unfinished run still has to update some of the same entries.
 * Cut off by an error or the signal, the run becomes `interrupted`; killed, it stays `planning` or `queueing` without a producer.
 */
export async function startRun(plan: DecidedRows, wanted: NewRunOptions, producer: ProducerOptions): Promise<Run> {
  const { backend, by, now = Date.now } = producer;
  assertKeepsRows(backend, producer.allowEviction);
  const { reportDir, id = await freeRunId(backend, now()), ...facts } = wanted;
  const run: NewRun = {
    ...facts,
    options: {
      ...wanted.options,
      planRequests: plan.requests,
      rowsAJob: rowsAJob(plan.rows, producer.rate),
    },
    id,
    name: wanted.source.name,
    state: "planning",
    reason: null,
    source: {
      ...wanted.source,
      rows: plan.rows,
      sha256: plan.sha256,
      ...(plan.digest !== undefined && { digest: plan.digest }),
    },
    reportDir: reportDir(id),
    createdAt: now(),
  };
  return await asProducer(id, producer, async (held) => {
    await backend.runs.create(run, eventOf("started", by, now()));
    await backend.runs.addRequests(id, { total: plan.requests });
    await stageRows(id, plan, held);
    try {
      return await queueJobs(id, held);
    } catch (error) {
      if (error instanceof RunError && error.code === "entries_busy") await forget(backend, id);
      throw error;
    }
  });
}

/** Nothing of it was sent. */
async function forget(backend: RunHome, id: string): Promise<void> {
  await removeQueue(backend, id);
  await backend.runs.remove(id);
}

/** Throws RunError `backend_evicts` where the datastore may throw away rows that are not done, and nobody said that it may. */
export function assertKeepsRows({ address, evicts }: RunHome, allowEviction = false): void {
  if (evicts === null || allowEviction) return;
  throw new RunError(
    "backend_evicts",
    `Redis at ${address} may throw away rows when its memory is full (maxmemory-policy ${evicts}), so no new run is kept there`,
  );
}

/** An id that no run has. */
export async function freeRunId(backend: RunHome, now: number): Promise<string> {
  let id = makeRunId(new Date(now));
  while (await backend.runs.get(id)) id = makeRunId(new Date(now));
  return id;
}

/** Completes a run whose recording was cut off. Rows that are recorded already are left as they are. */
export async function completeRun(id: string, plan: DecidedRows, producer: ProducerOptions): Promise<Run> {
  const { backend, by, now = Date.now } = producer;
  return await asProducer(id, producer, async (held) => {
    const detail = "the source is read again";
    await moveRun(backend.runs, id, "planning", { by, now, what: "resumed", detail, fence: held.fence });
    await stageRows(id, plan, held);
    return await queueJobs(id, held);
  });
}

/** Adds the jobs of a run whose rows are all recorded, and lets the workers go. */
export async function queueRun(id: string, producer: ProducerOptions): Promise<Run> {
  return await asProducer(id, producer, (held) => queueJobs(id, held));
}
