import { pino } from "pino";
import { startWorker } from "../../../workers/worker.ts";
import { makeAccessLog } from "../../dashboard/access-log.ts";
import { serve } from "../../dashboard/serve.ts";
import { RequestError } from "../../explained-error.ts";
import { readEnvironment } from "../../config.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { openSession, registryOf } from "../session.ts";
import { listenForStop, STOPPING_WORK } from "../signals.ts";

export const serveCommand = makeCommand<{ work: boolean }>({
  usage: "serve",
  summary: "the dashboard, the HTTP API and metrics; works on every run, too",
  examples: [
    ["bulkpatch serve", "on http://127.0.0.1:8787, for this machine only; prints where to log in"],
    [
      "bulkpatch serve --host 0.0.0.0 --no-work",
      "for the network (BULKPATCH_DASHBOARD_TOKEN lets people in), beside workers elsewhere",
    ],
  ],
  options: (command) =>
    command
      .option("--host <address>", "address to listen on (BULKPATCH_DASHBOARD_HOST, default 127.0.0.1)")
      .option("--port <n>", "port to listen on (BULKPATCH_DASHBOARD_PORT, default 8787; 0: a free one)")
      .option("--no-work", "only show and control; leave the work to the workers"),
  needsApi: true,
  run: async (_args, { flags, config, terminal }) => {
    const session = await openSession(config, terminal);
    const stop = listenForStop(terminal, STOPPING_WORK);
    const closers: (() => Promise<void>)[] = [() => session.close()];
    try {
      const { backend, by } = session;
      if (flags.work && !backend.canWork) {
        throw new RequestError(
          "folder_busy",
          `another process holds ${backend.address} and does the work there`,
          "add --no-work to look and control beside it, or stop it first",
        );
      }
      const registry = registryOf(session);
      const log = pino({ name: "bulkpatch", level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
      const serving = await serve({
        backend,
        registry,
        rate: config.rate,
        settings: config.dashboard,
        log: makeAccessLog(log),
      });
      closers.push(() => serving.close());
      if (flags.work) {
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
        closers.push(stopWorker);
      }
      terminal.note(`The dashboard is at ${serving.address}/ (Ctrl-C ends it).`);
      if (serving.made !== null) {
        terminal.note(`Log in with ${serving.made.loginAddress} (works once),`);
        terminal.note(`or with the token ${serving.made.token.reveal()} (until this process ends).`);
      }
      if (!stop.signal.aborted)
        await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
      return EXIT.done;
    } finally {
      for (const close of closers.toReversed()) await close();
      stop.release();
    }
  },
});
