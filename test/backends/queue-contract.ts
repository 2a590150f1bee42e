import { randomUUID } from "node:crypto";
import type { Job } from "bullmq";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { RunJob } from "../../src/runs/run-home.ts";

function jobs(count: number): { name: string; data: RunJob; opts: { jobId: string } }[] {
  return Array.from({ length: count }, (_, n) => ({ name: "update", data: { n }, opts: { jobId: `r${n}` } }));
}

/** What every queue does. */
export function describeQueue(backend: () => Backend): void {
  describe("a queue", () => {
    test("gives each job to a worker once and keeps none that is done", async () => {
      const runId = randomUUID();
      const queue = backend().queue(runId);
      await queue.addBulk(jobs(50));
      await queue.addBulk(jobs(50));
      const done: string[] = [];
      const drained = Promise.withResolvers<void>();
      const worker = backend().worker(
        runId,
        async (job) => {
          done.push(job.id ?? "");
          if (job.data.n % 10 === 3) throw new Error("not this one");
        },
        { concurrency: 8 },
      );
      worker.on("drained", () => drained.resolve());
      void worker.run();
      await drained.promise;
      await worker.close();
      expect(done.toSorted()).toEqual(
        jobs(50)
          .map((job) => job.opts.jobId)
          .toSorted(),
      );
      expect(await queue.getJobCounts()).toMatchObject({ waiting: 0, active: 0, completed: 0, failed: 0 });
      await queue.obliterate({ force: true });
      await queue.close();
    });

    test("wakes a waiting worker for a new job, and for one whose pause is over", async () => {
      const runId = randomUUID();
      const queue = backend().queue(runId);
      const seen: number[] = [];
      const third = Promise.withResolvers<void>();
      const worker = backend().worker(
        runId,
        async (job: Job<RunJob>) => {
          seen.push(job.attemptsStarted);
          if (job.attemptsStarted === 3) third.resolve();
          throw new Error("again");
        },
        { settings: { backoffStrategy: () => 20 } },
      );
      const ready = worker.waitUntilReady();
      void worker.run();
      await ready;
      await queue.add("update", { n: 0 }, { jobId: "r0", attempts: 3, backoff: { type: "outage" } });
      await third.promise;
      await worker.close();
      expect(seen).toEqual([1, 2, 3]);
      await queue.obliterate({ force: true });
      await queue.close();
    });

    test("that is paused gives nothing until it goes on, and touches no other run's", async () => {
      const [paused, running] = [randomUUID(), randomUUID()];
      const queues = [paused, running].map((id) => backend().queue(id));
      await queues[0]?.pause();
      for (const queue of queues) await queue.addBulk(jobs(1));
      const done: string[] = [];
      const first = Promise.withResolvers<void>();
      const second = Promise.withResolvers<void>();
      const workers = [paused, running].map((id) =>
        backend().worker(
          id,
          async () => {
            done.push(id);
            (id === running ? first : second).resolve();
          },
          {},
        ),
      );
      for (const worker of workers) void worker.run();
      await first.promise;
      expect(done).toEqual([running]);
      await queues[0]?.resume();
      await second.promise;
      for (const worker of workers) await worker.close();
      for (const queue of queues) {
        await queue.obliterate({ force: true });
        await queue.close();
      }
    });
  });
}
