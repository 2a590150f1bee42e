import { pino } from "pino";
import type { LogLevel } from "../src/setting-checks.ts";
import type { Registry } from "../src/registry/open-registry.ts";
import type { Secret } from "../src/secret.ts";
import { startSender } from "../src/schedules/notify/sender.ts";
import type { RunState } from "../src/runs/run.ts";
import { isOver } from "../src/runs/states.ts";
import { Crew, type CrewOptions } from "./crew.ts";
import { keepSchedules } from "./keep-schedules.ts";
import { removeOldRuns } from "../src/runs/remove-old-runs.ts";

const HOUR = 60 * 60 * 1_000;

export interface WorkerOptions extends Pick<CrewOptions, "backend" | "concurrency" | "by"> {
  registry: Registry;
  /** Absolute; what the schedules keep on this machine goes there. */
  dataDir: string;
  /** A value of the environment, by its name. */
  environment: (name: string) => string | undefined;
  /** Days that ended runs are kept. */
  keepDays: number;
  logLevel: LogLevel;
  /** What messages to webhooks are signed with. */
  webhookSecrets: readonly Secret[];
}

/**
 * Starts a worker process's work: a crew for every run of the account, JSON log lines on standard error, the schedules, the
 * sending of notifications, and the removal of old runs. Answers how to stop it.
 */
export async function startWorker({
  keepDays,
  logLevel,
  webhookSecrets,
  registry,
  dataDir,
  environment,
  ...options
}: WorkerOptions): Promise<() => Promise<void>> {
  const log = pino({ name: "bulkpatch", level: logLevel }, pino.destination({ dest: 2, sync: true }));
  const states = new Map<string, RunState>();
  const crew = new Crew({
    ...options,
    accountId: registry.api.accountId,
    connect: registry.connect,
    onError: (error, runId) => log.warn({ runId, error: error.message }, "a step failed and is tried again"),
    onRecorded: (runId, { n, result }) =>
      log.debug({ runId, n, outcome: result.outcome, attempts: result.attempts }, "row ended"),
    onStateSeen: (run) => {
      if (states.get(run.id) === run.state) return;
      states.set(run.id, run.state);
      const facts = { runId: run.id, state: run.state, reason: run.reason, outcomes: run.outcomes };
      if (run.state === "halted") log.error({ ...facts, next: "put it right, then resume the run" }, "run halted");
      else log.info(facts, "run state");
      if (isOver(run.state)) states.delete(run.id);
    },
  });
  await crew.start();
  log.info(
    { workerId: crew.info.id, backend: options.backend.address, concurrency: options.concurrency },
    "worker is ready",
  );

  const sender = startSender({
    home: options.backend,
    secrets: webhookSecrets,
    environment,
    proxy: registry.api.proxy,
    onError: (error) => log.warn({ error: error.message }, "a notification was not accepted"),
  });
  const stopSchedules = keepSchedules({
    backend: options.backend,
    registry,
    by: options.by,
    dataDir,
    environment,
    onError: (error, schedule) => log.warn({ schedule, error: error.message }, "a schedule could not be looked at"),
    onPass: ({ occasions }) => {
      for (const { schedule, dueAt, state, reason, message, run } of occasions) {
        const fields = { schedule, dueAt: new Date(dueAt).toISOString(), reason, message, runId: run };
        if (state !== "running") log.info({ ...fields, state }, "occasion");
      }
    },
  });
  const clean = (): void => {
    removeOldRuns(options.backend, keepDays, Date.now()).then(
      (removed) => removed > 0 && log.info({ removed, keepDays }, "old runs removed"),
      (error: Error) => log.warn({ error: error.message }, "old runs could not be removed"),
    );
  };
  clean();
  const timer = setInterval(clean, HOUR);
  return async () => {
    clearInterval(timer);
    await stopSchedules();
    await sender.close();
    await crew.stop();
    log.info("worker has stopped");
  };
}
