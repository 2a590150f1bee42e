import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { budgetOf } from "./budget-of.ts";
import { openRegistry, type OpenedRegistry } from "../registry/open-registry.ts";

const LIMIT = { requests: 100, windowMs: 1000, window: "sliding", blockMs: 1000, retryAfter: true } as const;

async function readOn({ client, ownId }: OpenedRegistry, signal: AbortSignal): Promise<void> {
  for (;;) await client.get(ownId, { signal });
}

test("against a real server: what there is of 100 a second is used, without one 429", async () => {
  const opened = await openRegistry({ limit: LIMIT, latency: { minMs: 10, maxMs: 40 } }, { budget: budgetOf("95/1s") });
  const until = AbortSignal.timeout(4000);
  await Promise.allSettled(Array.from({ length: 8 }, () => readOn(opened, until)));
  const arrivals = opened.api.requests();
  const settled = arrivals.filter(({ at }) => at >= arrivals[0]!.at + 1000 && at < arrivals[0]!.at + 3000);
  expect(arrivals.filter(({ status }) => status === 429)).toEqual([]);
  expect(opened.api.mostInWindow(1000)).toBeLessThanOrEqual(100);
  // How many there are depends on how busy the machine is: simulations tell that (budget.test.ts).
  expect(settled.length).toBeGreaterThan(0);
});

test("a process that is frozen does not catch up with a burst when it wakes", async () => {
  const opened = await openRegistry({ limit: LIMIT });
  const child = fork(new URL("frozen-process.ts", import.meta.url).pathname, [
    opened.api.baseUrl,
    opened.api.accountId,
    opened.api.token,
    opened.ownId,
  ]);
  try {
    await arrivals(opened, 40);
    child.kill("SIGSTOP");
    await windowPassed(opened);
    const before = opened.api.requests().length;
    child.kill("SIGCONT");
    await arrivals(opened, before + 60);
    expect(opened.api.mostInWindow(1000)).toBeLessThanOrEqual(100);
    expect(opened.api.requests().filter(({ status }) => status === 429)).toEqual([]);
  } finally {
    await end(child);
  }
});

const arrivals = (opened: OpenedRegistry, count: number) =>
  expect.poll(() => opened.api.requests().length, { timeout: 20_000, interval: 20 }).toBeGreaterThanOrEqual(count);

/** The limit counts none of the requests any more. */
const windowPassed = (opened: OpenedRegistry) =>
  expect
    .poll(() => opened.api.requests().at(-1)!.at + LIMIT.windowMs - Date.now(), { timeout: 20_000, interval: 20 })
    .toBeLessThan(0);

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}
