import { type Job, WaitingError } from "bullmq";
import type { RowJob } from "../src/runs/run-home.ts";
import { TryLaterError } from "./outage-delay.ts";
import { attemptRow, type RowContext } from "./row-attempt.ts";

/** One attempt of a BullMQ job that carries one row. Throws where the row is not done: it waits again, or for a better hour. */
export async function handleRowJob(context: RowContext, job: Job<RowJob>, token: string | undefined): Promise<void> {
  const { n, tried = 0, readBack = false } = job.data;
  const left = Math.max(0, (job.opts.attempts ?? 1) - (job.attemptsMade + 1));
  const find = async () => await context.rows.get(context.runId, n);
  const leave = await context.lanes.enter();
  const next = await attemptRow(context, { n, find, waits: true, tried, left, readBack }, leave);
  switch (next.kind) {
    case "done":
      return;
    case "give-back":
      throw await giveBack(job, token);
    case "later": {
      const data = { ...job.data, tried: next.tried };
      const isNoted = await job.updateData(data).then(
        () => true,
        () => false,
      );
      throw isNoted ? new TryLaterError(next.because, next.askedMs) : await giveBack(job, token);
    }
  }
}

/** Lets the job wait again, and answers what its handler then throws. Where that fails, its lock runs out, and another worker finds it. */
export async function giveBack(job: Pick<Job, "moveToWait">, token: string | undefined): Promise<WaitingError> {
  await job.moveToWait(token).catch(() => undefined);
  return new WaitingError();
}
