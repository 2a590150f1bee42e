import { createMemoryBudgetState } from "../budget/memory-budget.ts";
import { createBudget } from "../../src/budget/budget.ts";
import { openSource } from "../../src/changes/open-source.ts";
import { keepHeapLean } from "../../src/lean-heap.ts";
import { lookUp, Wanted } from "../../src/plan/look-up.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { parseRate } from "../../src/rate.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { peakMb } from "./peak-memory.ts";

/*
 * Makes one plan and does nothing else: `node plan-process.ts plan FILE '{"baseUrl", "accountId", "token"}'` prints `{"mb"}`, the most
 * that was resident. With `view` instead of `plan`, it only looks up what the rows need, and `mb` is what is kept of it.
 */

keepHeapLean(); // as the command line does
const [mode, path, address] = process.argv.slice(2);
const api = JSON.parse(address!) as { baseUrl: string; accountId: string; token: string };
const budget = createBudget({ state: createMemoryBudgetState(), key: "bench", ...parseRate("unlimited") });
const registry = createRegistryClient({ ...api, budget });
const source = await openSource(path!);
const mb = await (mode === "plan" ? plan() : view());
await source.close();
await registry.close();
process.stdout.write(JSON.stringify({ mb }));

async function plan(): Promise<number> {
  const made = await makePlan({ source, registry, noPlan: false, checkAgain: false, requestsSent: () => 0 });
  for await (const _row of made.decided());
  await made.close();
  return peakMb();
}

async function view(): Promise<number> {
  const wanted = new Wanted();
  for await (const row of source.rows()) wanted.add(row);
  const before = usedBytes();
  const found = await lookUp(registry, wanted, { noPlan: false, needSize: false, ids: async function* () {} });
  const kept = usedBytes() - before;
  if (found.size === 0) throw new Error("nothing was looked up");
  return Math.round(kept / 1_024 ** 2);
}

function usedBytes(): number {
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
