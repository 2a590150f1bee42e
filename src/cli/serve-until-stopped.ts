import { pino } from "pino";
import type { Config } from "../config.ts";
import { makeAccessLog } from "../dashboard/access-log.ts";
import { serve } from "../dashboard/serve.ts";
import { RequestError } from "../explained-error.ts";
import type { Registry } from "../registry/open-registry.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { openSession, registryOf, type Session } from "./session.ts";
import { listenForStop, STOPPING_WORK } from "./signals.ts";
import { startWork } from "./start-work.ts";
import type { Terminal } from "./terminal.ts";

export interface ServeUntilStopped {
  config: Config;
  terminal: Terminal;
  /** Work on every run and keep the schedules, too. */
  work: boolean;
  /** Done once the dashboard listens, before the work begins. */
  prepare?: (session: Session, registry: Registry) => Promise<void>;
}

/** Opens the dashboard, says where it is, and stays until a signal comes. Ends politely, in the reverse order. */
export async function serveUntilStopped({ config, terminal, work, prepare }: ServeUntilStopped): Promise<ExitCode> {
  const session = await openSession(config, terminal);
  const stop = listenForStop(terminal, STOPPING_WORK);
  const closers: (() => Promise<void>)[] = [() => session.close()];
  try {
    const { backend } = session;
    if (work && !backend.canWork) {
      throw new RequestError(
        "folder_busy",
        `another process holds ${backend.address} and does the work there`,
        "add --no-work to look and control beside it, or stop it first",
      );
    }
    const registry = await registryOf(session);
    const log = pino({ name: "bulkpatch", level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
    const serving = await serve({
      backend,
      registry,
      rate: config.rate,
      settings: config.dashboard,
      log: makeAccessLog(log),
    });
    closers.push(() => serving.close());
    await prepare?.(session, registry);
    if (work) closers.push(await startWork(session, registry));
    terminal.note(`The dashboard is at ${serving.address}/ (Ctrl-C ends it).`);
    if (serving.made !== null) {
      terminal.note(`Log in with ${serving.made.loginAddress} (works once),`);
      terminal.note(`or with the token ${serving.made.token.reveal()} (until this process ends).`);
    }
    await stop.heard;
    return EXIT.done;
  } finally {
    for (const close of closers.toReversed()) await close();
    stop.release();
  }
}
