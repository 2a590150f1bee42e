import type { Registry } from "../registry/open-registry.ts";
import { withClient } from "../registry/open-registry.ts";
import { noteInHistory } from "../runs/move-run.ts";
import type { RunHome } from "../runs/run-home.ts";
import type { Run, RunRow } from "../runs/run.ts";
import { compareAgain } from "./compare-again.ts";

/** How old what is known of the registry may be. */
const MINUTE = 60_000;
const STALE_AFTER = 5 * MINUTE;
/** Comparing costs at most one in so many of a run's requests. */
const SHARE = 100;
/** Outcomes recorded in one step. */
const BATCH = 500;

/** The event that says so. */
const COMPARED = "compared again";

/**
 * Whether a run's rows must be held against the registry again before more of them are sent: what is known of it is older than
 * five minutes, and so much was sent since that comparing costs at most a hundredth of the requests. Before the first row is
 * sent, and after a rest, age alone decides. Never for a run that was not planned, or that looks at each entry anyway.
 */
export function isCompareDue(run: Run, now: number): boolean {
  const { noPlan, checkAgain, planRequests = 0 } = run.options;
  if (noPlan || checkAgain || planRequests === 0) return false;
  const seen = run.events.findLast(({ what }) => what === COMPARED || what === "started")!;
  const resumed = run.events.findLast(({ what }) => what === "resumed");
  if (now - seen.at < STALE_AFTER) return false;
  if (resumed !== undefined && resumed.at > seen.at && resumed.at - seen.at >= STALE_AFTER) return true;
  const sentSince = run.requests.total - (seen.requests ?? planRequests);
  return sentSince === 0 || sentSince >= SHARE * planRequests;
}

export interface CompareRunOptions {
  backend: Pick<RunHome, "runs" | "rows">;
  run: Run;
  registry: Pick<Registry, "connect">;
  by: string;
  now: () => number;
  signal?: AbortSignal;
}

/**
 * Holds the outstanding rows of a run against the registry once more and records those that are not to be sent any more, so
 * that nobody's newer change is overwritten unseen. Costs the listing's pages. Throws the registry's errors.
 */
export async function compareRun({ backend, run, registry, by, now, signal }: CompareRunOptions): Promise<void> {
  const { value: compared, requests } = await withClient(registry, (client) =>
    compareAgain({
      rows: () => backend.rows.all(run.id),
      registry: client,
      planned: true,
      alreadyShown: "updated",
      now: now(),
      signal,
    }),
  );
  await backend.runs.addRequests(run.id, { total: requests });
  let batch: RunRow[] = [];
  const flush = async (): Promise<void> => {
    await backend.rows.record(
      run.id,
      batch.map(({ n, result, provenance }) => ({ n, result: result!, provenance: provenance ?? undefined })),
    );
    batch = [];
  };
  for await (const row of compared.decided()) {
    signal?.throwIfAborted();
    if (row.result !== null) batch.push(row);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  const seen = await backend.runs.get(run.id);
  if (seen === null) return;
  const { update, outcomes } = compared.summary;
  const detail = `${update} rows are still to be sent, ${outcomes.rejected_conflict} were changed by somebody since`;
  await noteInHistory(backend.runs, seen, COMPARED, { by, now, detail, requests: seen.requests.total });
}
