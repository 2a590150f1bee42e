import { presentWorkers, processHost } from "../../runs/attendance.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { registryOf, openSession, type Session } from "../session.ts";
import { listenForStop, STOPPING_WORK } from "../signals.ts";
import { startWork } from "../start-work.ts";
import type { workerUsage } from "../usage/worker.ts";
import type { Work } from "../usage.ts";

export const doWorker: Work<typeof workerUsage> = async ({ onlyCheck }, { config, terminal }) => {
  const session = await openSession(config, terminal);
  if (onlyCheck) return await checkAlive(session);
  const stop = listenForStop(terminal, STOPPING_WORK);
  try {
    const stopWorker = await startWork(session, await registryOf(session));
    await stop.heard;
    await stopWorker();
    return EXIT.done;
  } finally {
    stop.release();
    await session.close();
  }
};

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
