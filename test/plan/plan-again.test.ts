import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createMemoryBudgetState } from "../budget/memory-budget.ts";
import { startDemoApi } from "../../src/demo/api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { planAgain } from "../../src/plan/plan-again.ts";
import { planSource } from "../../src/plan/plan-source.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { Secret } from "../../src/secret.ts";
import { makeRun } from "../report/sample-run.ts";

it("a run whose recording was cut off goes on as strictly as it began", async () => {
  const entries = sampleRegistry({ size: 5, seed: 3, syncedShare: 0 });
  const api = await startDemoApi({ entries });
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-plan-again-"));
  try {
    const path = join(folder, "changes.csv");
    await writeFile(path, `id,email\n${entries[0]!.id},a@gmail.com\n${entries[1]!.id},a@partner.example\n`);
    const registry = openRegistry(
      { baseUrl: api.baseUrl, accountId: api.accountId, token: new Secret(api.token) },
      { limit: 1_000_000, windowMs: 1_000 },
      createMemoryBudgetState(),
    );
    const lint = { strict: true, allowDomains: ["partner.example"] };
    const first = await planSource({ path, read: {}, lint, registry, noPlan: false, checkAgain: false });
    await first.plan.close();
    const run = makeRun([], { source: { ...makeRun().source, ...first.source } });
    const again = await planAgain(run, { registry });
    await again.close();
    expect(again.summary).toMatchObject({ update: 1, outcomes: { rejected_invalid: 1 } });
    expect(again.digest).toBe(first.plan.digest);
  } finally {
    await rm(folder, { recursive: true });
    await api.close();
  }
});
