import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { addressForTest } from "../runs/address-for-test.ts";
import { until } from "../until.ts";
import { type CrewWorld, setUpCrewWorld } from "./crew-world.ts";

const LOCK_MS = 900;

let backend: Backend;
let world: CrewWorld;
let processes: ChildProcess[] = [];
afterEach(async () => {
  for (const child of processes) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
  processes = [];
  await world.close();
  await backend.close();
});

async function startCrewProcess(url: string): Promise<ChildProcess> {
  const { baseUrl, accountId, token } = world.api;
  const options = JSON.stringify({ url, baseUrl, accountId, token, lockMs: LOCK_MS });
  const child = spawn(process.execPath, [join(import.meta.dirname, "crew-process.ts"), options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  processes.push(child);
  await once(child.stdout, "data");
  return child;
}

describe.each(["redis", "postgres"] as const)("a worker on %s that is frozen for longer than its lock", (kind) => {
  it("changes no outcome when it wakes, and its rows are done by the others meanwhile", async (context) => {
    const url = await addressForTest(kind, context);
    backend = await openBackend({ url, dataDir: "" });
    world = await setUpCrewWorld({ backend, rows: 120, api: { latency: { minMs: 250, maxMs: 350 } } });
    const { api, startRun, comesTo } = world;
    const run = await startRun();
    const frozen = await startCrewProcess(url);
    await until("it has rows in flight", () => api.requests().filter(({ status }) => status === 0).length >= 8);
    frozen.kill("SIGSTOP");
    await Promise.all([startCrewProcess(url), startCrewProcess(url)]);
    const finished = await comesTo(run.id, "finished");
    expect(finished.outcomes.updated).toBe(120);
    const rows = await Array.fromAsync(backend.rows.all(run.id));
    const patches = api.requests().filter(({ method }) => method === "PATCH");
    // those that the frozen one had in hand were sent again
    expect(patches.length).toBeGreaterThanOrEqual(120 + 8);
    expect(patches.length).toBeLessThanOrEqual(120 + 16);

    const exit = once(frozen, "exit");
    frozen.kill("SIGCONT");
    frozen.kill("SIGTERM");
    expect((await exit)[0]).toBe(0);
    expect(await Array.fromAsync(backend.rows.all(run.id))).toEqual(rows);
    expect(await backend.runs.get(run.id)).toMatchObject({ state: "finished", outcomes: finished.outcomes });
    expect(api.requests().filter(({ method }) => method === "PATCH")).toHaveLength(patches.length);
  });

  it("leaves its slices to who took them up meanwhile, when it wakes in the middle of the run", async (context) => {
    const url = await addressForTest(kind, context);
    backend = await openBackend({ url, dataDir: "" });
    // Forty rows a slice, of which it has two in hand.
    world = await setUpCrewWorld({ backend, rows: 1_280, api: { latency: { minMs: 60, maxMs: 90 } } });
    const { api, startRun, comesTo } = world;
    const run = await startRun();
    const frozen = await startCrewProcess(url);
    await until("it has rows in flight", () => api.requests().filter(({ status }) => status === 0).length >= 8);
    frozen.kill("SIGSTOP");
    await startCrewProcess(url);
    const queue = backend.queue(run.id);
    await until("its slices are the other one's", async () => {
      const active = await queue.getActive();
      return active.length > 0 && active.every(({ attemptsStarted }) => attemptsStarted > 1);
    });
    await queue.close();
    frozen.kill("SIGCONT");
    expect((await comesTo(run.id, "finished")).outcomes.updated).toBe(1_280);
    const patches = api.requests().filter(({ method }) => method === "PATCH");
    // What it had in flight is sent again, and what it sends before it hears that its locks are gone.
    expect(patches.length).toBeLessThanOrEqual(1_280 + 40);
  });
});
