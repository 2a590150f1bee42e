import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { addressForTest } from "../runs/address-for-test.ts";
import { openBackend } from "../../src/backends/open.ts";
import { type Child, startChild } from "../backends/embedded/child.ts";
import { until } from "../until.ts";
import { type KeeperWorld, setUpKeeperWorld } from "./keeper-world.ts";

let undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.toReversed()) await one();
  undo = [];
});

interface Stage extends KeeperWorld {
  name: string;
  /** Another process that keeps the schedules; each call of `look` lets it look once. */
  start(): Promise<Child & { look(): void }>;
  setClock(at: number | string): Promise<void>;
  /** Due times and states, the oldest first. */
  dueTimes(): Promise<string[]>;
}

/** A list that is due every quarter of an hour, at noon, and nobody who keeps it. */
async function setUp(address: string): Promise<Stage> {
  const backend: Backend = await openBackend({ url: address, dataDir: "" });
  undo.push(() => backend.close());
  const world = await setUpKeeperWorld(backend, { size: 20, at: "2026-03-02T12:00:30Z" });
  undo.push(() => world.close());
  await world.list(world.people());
  const source = { address: join(world.folder, "list.csv"), host: null, read: {}, tokenFrom: null };
  const name = await world.add({ cron: "*/15 * * * *", source, notify: null });
  const { token, accountId, baseUrl } = world.api;
  return {
    ...world,
    name,
    start: async () => {
      const file = import.meta.resolve("./keeper-process.ts");
      const child = startChild(file, address, world.folder, JSON.stringify({ token, accountId, baseUrl }));
      undo.push(() => child.kill());
      await child.said(1);
      return { ...child, look: () => void child.process.stdin!.write("look\n") };
    },
    setClock: (at) => writeFile(join(world.folder, "clock"), String(typeof at === "string" ? Date.parse(at) : at)),
    dueTimes: async () =>
      (await world.occasions(name))
        .map(({ dueAt, state }) => `${new Date(dueAt).toISOString().slice(11, 16)} ${state}`)
        .toReversed(),
  };
}

describe.each(["redis", "postgres"] as const)("a process that was stopped for an hour (SIGSTOP), on %s,", (kind) => {
  test("carries out only the newest when it goes on", async (context) => {
    const { start, setClock, dueTimes } = await setUp(await addressForTest(kind, context));
    const keeper = await start();
    await setClock("2026-03-02T12:16:00Z");
    keeper.look();
    await keeper.said(2);
    keeper.process.kill("SIGSTOP");
    keeper.look();
    await setClock("2026-03-02T13:16:00Z");
    keeper.process.kill("SIGCONT");
    await keeper.said(3);
    expect(await dueTimes()).toEqual([
      "12:15 in_sync",
      "12:30 expired",
      "12:45 expired",
      "13:00 expired",
      "13:15 in_sync",
    ]);
  });

  test("in the midst of an occasion changes nothing of what others did meanwhile", async (context) => {
    const { start, setClock, dueTimes, occasions, name, requests, api } = await setUp(
      await addressForTest(kind, context),
    );
    const [frozen, other] = [await start(), await start()];
    api.set({ latency: { minMs: 1_000, maxMs: 1_000 } });
    await setClock("2026-03-02T12:16:00Z");
    frozen.look();
    await until("it asks for the listing", () => api.requests().length > 0);
    frozen.process.kill("SIGSTOP");
    api.set({ latency: { minMs: 0, maxMs: 0 } });
    for (const [n, time] of ["12:22", "12:31", "12:46", "13:01", "13:16"].entries()) {
      await setClock(`2026-03-02T${time}:00Z`);
      other.look();
      await other.said(n + 2);
    }
    const all = ["12:15 in_sync", "12:30 in_sync", "12:45 in_sync", "13:00 in_sync", "13:15 in_sync"];
    expect(await dueTimes()).toEqual(all);
    const versions = (await occasions(name)).map(({ version }) => version);
    requests();
    frozen.process.kill("SIGCONT");
    await frozen.said(2);
    expect(await dueTimes()).toEqual(all);
    expect((await occasions(name)).map(({ version }) => version)).toEqual(versions);
    expect(requests().PATCH).toBe(0);
  });
});
