import { type Registry, withClient } from "../registry/open-registry.ts";
import { assertAccount } from "../runs/control.ts";
import type { RunHome } from "../runs/run-home.ts";
import type { Run } from "../runs/run.ts";
import { type RetryFilter, rowsToRetry } from "../runs/retry-run.ts";
import { compareAgain } from "./compare-again.ts";
import { type Plan, summarise } from "./make-plan.ts";

export interface RetryPlanOptions {
  backend: RunHome;
  run: Run;
  filter: RetryFilter;
  registry: Pick<Registry, "connect"> & { api: Pick<Registry["api"], "accountId"> };
  now: number;
  signal?: AbortSignal;
}

/**
 * The plan that tries rows of a run again, held against the registry as it is now: only what still differs is sent, and what
 * somebody changed since is a conflict. Throws RunError where the run is of another account, is not at rest, or has no such row.
 */
export async function makeRetryPlan({ backend, run, filter, registry, now, signal }: RetryPlanOptions): Promise<Plan> {
  assertAccount(run, registry.api.accountId);
  const rows = await rowsToRetry(backend, run, filter);
  const compared = await withClient(registry, (client) =>
    compareAgain({
      rows: rows.decided,
      registry: client,
      planned: !run.options.noPlan,
      alreadyShown: "unchanged",
      now,
      signal,
    }),
  );
  const { decided, registrySize } = compared.value;
  return {
    rows: rows.rows,
    sha256: rows.sha256,
    requests: compared.requests,
    decided,
    notes: [],
    ...(await summarise(rows.sha256, decided())),
    registrySize,
    close: async () => {}, // it reads the rows of the other run, and keeps none
  };
}
