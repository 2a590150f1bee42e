import { startWorker } from "../../../workers/worker.ts";
import { presentWorkers, processHost } from "../../runs/attendance.ts";
import { readEnvironment } from "../../config.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { registryOf, openSession, type Session } from "../session.ts";
import { listenForStop, STOPPING_WORK } from "../signals.ts";

export const workerCommand = makeCommand<{ check?: boolean }>({
  usage: "worker",
  summary: "work on every run of this account until stopped (Redis and PostgreSQL)",
  examples: [["BULKPATCH_BACKEND_URL=redis://localhost:6379 bulkpatch worker", "one of any number, on any machine"]],
  options: (command) =>
    command.option("--check", "only tell whether a worker is alive on this machine (for health checks)"),
  needsApi: true,
  run: async (_args, { flags, config, terminal }) => {
    if (config.backendUrl === null) {
      throw new UsageError(
        "the embedded backend has no workers of their own: `bulkpatch run` works by itself there",
        "set BULKPATCH_BACKEND_URL to a redis:// or postgres:// address",
      );
    }
    const session = await openSession(config, terminal);
    if (flags.check) return await checkAlive(session);
    const stop = listenForStop(terminal, STOPPING_WORK);
    try {
      const { backend, by } = session;
      const registry = registryOf(session);
      const stopWorker = await startWorker({
        backend,
        registry,
        dataDir: config.dataDir,
        environment: readEnvironment,
        concurrency: config.concurrency,
        keepDays: config.keepDays,
        logLevel: config.logLevel,
        webhookSecrets: config.webhookSecrets,
        by,
      });
      if (!stop.signal.aborted)
        await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
      await stopWorker();
      return EXIT.done;
    } finally {
      stop.release();
      await session.close();
    }
  },
});

async function checkAlive(session: Session): Promise<ExitCode> {
  try {
    const here = (await presentWorkers(session.backend.presence, session.config.api!.accountId)).filter(
      ({ host }) => host === processHost(),
    );
    session.terminal.print(
      here.length > 0
        ? `alive: pid ${here.map(({ pid }) => pid).join(", ")}`
        : `no worker is alive on ${processHost()}`,
    );
    session.terminal.printJson({ workers: here });
    return here.length > 0 ? EXIT.done : EXIT.couldNot;
  } finally {
    await session.close();
  }
}
