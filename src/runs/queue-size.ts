import type { Backend } from "../backends/backend.ts";

/** Jobs of a run that are not done: waiting, in flight, or delayed by an outage. */
export async function queueSize(backend: Backend, runId: string): Promise<number> {
  const queue = backend.queue(runId);
  try {
    return await queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized");
  } finally {
    await queue.close();
  }
}

/** Jobs of a run that some worker has in hand. */
export async function jobsInHand(backend: Backend, runId: string): Promise<number> {
  const queue = backend.queue(runId);
  try {
    return await queue.getActiveCount();
  } finally {
    await queue.close();
  }
}

/** Removes a run's queue with everything in it. */
export async function removeQueue(backend: Backend, runId: string): Promise<void> {
  const queue = backend.queue(runId);
  try {
    await queue.obliterate({ force: true });
  } finally {
    await queue.close();
  }
}
