import { resolve } from "node:path";
import { type NewRunOptions, startRun } from "../runs/start-run.ts";
import { type DecidedRows } from "../runs/decided-rows.ts";
import { attendRun } from "./attend-run.ts";
import { detach } from "./detach.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { StopSignal } from "./signals.ts";
import { formatCount } from "../wording.ts";

export interface CarryOutOptions {
  session: Session;
  registry: Registry;
  rows: DecidedRows;
  wanted: Omit<NewRunOptions, "accountId" | "reportDir">;
  /** Null: `bulkpatch-reports/<run>`. */
  reportDir: string | null;
  detached: boolean;
  work: boolean;
  stop: StopSignal;
}

/** Makes a run of decided rows, queues it, and stays with it or leaves it to the workers. */
export async function carryOut(options: CarryOutOptions): Promise<ExitCode> {
  const { session, registry, rows, wanted, reportDir, detached, work, stop } = options;
  const { backend, by, terminal } = session;
  const run = await startRun(
    rows,
    {
      ...wanted,
      accountId: registry.api.accountId,
      reportDir: (id) => resolve(reportDir ?? `bulkpatch-reports/${id}`),
    },
    {
      backend,
      by,
      signal: stop.signal,
      onProgress: ({ runId, step, done }) => terminal.redraw(`${runId}: ${step}, ${formatCount(done)} rows`),
    },
  );
  terminal.note(`Run ${run.id} is ${run.state}.`);
  stop.release();
  return detached ? await detach(session, run.id) : await attendRun({ session, registry, run, work });
}
