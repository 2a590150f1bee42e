import type { Job, Queue } from "bullmq";
import type { RunHome, RunJob } from "./run-home.ts";
import type { Run } from "./run.ts";

/** Jobs that are looked at in one step. */
const PAGE = 100;
/** More jobs than all workers together have in hand. */
const MANY = 2_000;
/** In the order in which a job passes through them, so that one which moves on meanwhile is seen. */
const NOT_DONE = ["delayed", "prioritized", "waiting", "active"] as const;

/** The BullMQ id of a job: adding it twice adds it once. */
export function jobIdOf(job: RunJob): string {
  return "to" in job ? sliceIdOf(job.n) : rowIdOf(job.n);
}

/** The first position of the slice that a row belongs to: those of a run never overlap, whenever they are queued. */
export function sliceOf(run: Pick<Run, "options">, n: number): number {
  const { rowsAJob = 1 } = run.options;
  return n - (n % rowsAJob);
}

/** Which jobs a run's queue holds, of those that are not done. */
export class QueuedJobs {
  readonly #ids: ReadonlySet<string>;
  readonly #run: Pick<Run, "options">;

  constructor(run: Pick<Run, "options">, ids: Iterable<string>) {
    this.#run = run;
    this.#ids = new Set(ids);
  }

  hasRow(n: number): boolean {
    return this.#ids.has(rowIdOf(n));
  }

  /** The id of the job that carries a row; null where there is none. */
  jobOf(n: number): string | null {
    if (this.hasRow(n)) return rowIdOf(n);
    const slice = sliceIdOf(sliceOf(this.#run, n));
    return this.#ids.has(slice) ? slice : null;
  }
}

/** Looks at a queue once. */
export async function queuedJobs(queue: Queue<RunJob>, run: Pick<Run, "options">): Promise<QueuedJobs> {
  return new QueuedJobs(run, await queue.getRanges([...NOT_DONE], 0, -1));
}

/** Of these rows, the ones that have a job of their own. */
export async function rowsWithJobs(queue: Queue<RunJob>, rows: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (let from = 0; from < rows.length; from += PAGE) {
    const jobs = await Promise.all(rows.slice(from, from + PAGE).map((n) => queue.getJob(rowIdOf(n))));
    for (const job of jobs) if (job !== undefined) found.add(job.data.n);
  }
  return found;
}

/** Whether every row of a run that has no outcome is in some job. */
export async function hasEveryJob(backend: RunHome, run: Pick<Run, "id" | "options">): Promise<boolean> {
  return await withQueue(backend, run.id, async (queue) => {
    const jobs = await queuedJobs(queue, run);
    for await (const positions of backend.rows.outstanding(run.id))
      if (positions.some((n) => jobs.jobOf(n) === null)) return false;
    return true;
  });
}

/** Jobs of a run that are not done: waiting, in hand, or delayed by an outage. Each carries one row or many. */
export async function countJobs(backend: RunHome, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) => queue.getJobCountByTypes(...NOT_DONE));
}

/** Jobs of a run that some worker has in hand, or had when it died. */
export async function jobsInHand(backend: RunHome, runId: string): Promise<number> {
  return await withQueue(backend, runId, (queue) => queue.getActiveCount());
}

/**
 * Rows of a run that a worker once took up and that have not ended, with the requests that are known of each; of a slice that a
 * worker had in hand when it died, all that have not ended. Jobs are first taken up in the order of their rows, so the search
 * ends where many in a row were not. Nobody may be working meanwhile.
 */
export async function begunRows(backend: RunHome, run: Pick<Run, "id" | "options">): Promise<Map<number, number>> {
  const begun = new Map<number, number>();
  await withQueue(backend, run.id, async (queue) => {
    let notBegun = 0;
    for await (const carried of outstandingByJob(backend, run, await queuedJobs(queue, run))) {
      const jobs = await Promise.all([...carried.keys()].map((id) => queue.getJob(id)));
      for (const [i, rows] of [...carried.values()].entries()) {
        const tried = triedOf(jobs[i], rows);
        for (const [n, requests] of tried) begun.set(n, requests);
        notBegun = tried.length > 0 ? 0 : notBegun + 1;
      }
      if (notBegun > MANY) return;
    }
  });
  return begun;
}

/** The rows without an outcome by the job that carries them, a page at a time. */
async function* outstandingByJob(
  backend: RunHome,
  run: Pick<Run, "id">,
  jobs: QueuedJobs,
): AsyncGenerator<Map<string, number[]>> {
  let page = new Map<string, number[]>();
  for await (const positions of backend.rows.outstanding(run.id)) {
    for (const n of positions) {
      const id = jobs.jobOf(n);
      if (id === null) continue;
      const rows = page.get(id);
      if (rows !== undefined) {
        rows.push(n);
        continue;
      }
      if (page.size === PAGE) {
        yield page;
        page = new Map();
      }
      page.set(id, [n]);
    }
  }
  yield page;
}

/** Of the rows that a job carries, those which somebody began, each with its requests. */
function triedOf(job: Pick<Job<RunJob>, "data" | "attemptsStarted"> | undefined, rows: number[]): [number, number][] {
  if (job === undefined) return [];
  const { data, attemptsStarted } = job;
  if (!("to" in data)) {
    const isBegun = attemptsStarted > 0 || data.failed !== undefined;
    return isBegun ? rows.map((n) => [n, data.tried ?? 0]) : [];
  }
  if (attemptsStarted === 0) return [];
  const known = data.begun?.takes === attemptsStarted ? new Set(data.begun.rows) : null;
  return rows.filter((n) => known?.has(n) ?? true).map((n) => [n, 0]);
}

/** Lets rows that a process which is gone had in hand wait again, now: without this they come back when their locks run out. */
export async function takeBackAbandoned(backend: RunHome, runId: string): Promise<void> {
  await withQueue(backend, runId, async (queue) => {
    const jobs = await queue.getJobs(["active"]);
    // Without a token, whoever holds the lock.
    await Promise.all(jobs.map((job) => job.moveToWait().catch(() => 0))); // gone meanwhile
  });
}

/** Removes a run's queue with everything in it. */
export async function removeQueue(backend: RunHome, runId: string): Promise<void> {
  await withQueue(backend, runId, (queue) => queue.obliterate({ force: true }));
}

async function withQueue<T>(backend: RunHome, runId: string, use: (queue: Queue<RunJob>) => Promise<T>): Promise<T> {
  const queue = backend.queue(runId);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

function rowIdOf(n: number): string {
  return `r${n}`;
}

function sliceIdOf(n: number): string {
  return `s${n}`;
}
