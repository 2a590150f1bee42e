import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { joinOwner } from "../../../src/backends/embedded/relay-client.ts";
import { relayPath } from "../../../src/backends/embedded/relay-protocol.ts";
import { openBackend } from "../../../src/backends/open.ts";
import { embeddedForTest } from "../../datastores.ts";
import { event, sampleRun } from "../sample-run.ts";
import { startChild, type Child } from "./child.ts";

let child: Child | undefined;
let guest: Backend | undefined;
afterEach(async () => {
  await guest?.close();
  await child?.kill();
});

async function ownerOf(dataDir: string): Promise<Child> {
  const owner = startChild("owner-process.ts", dataDir, "hold");
  await owner.said(1);
  return owner;
}

test("a second process looks and controls through the first, and leaves the work to it", async () => {
  const dataDir = await embeddedForTest();
  child = startChild("owner-process.ts", dataDir);
  await child.said(20);
  guest = await openBackend({ url: null, dataDir });
  expect(guest.canWork).toBe(false);
  const seen = (await guest.runs.get("r"))?.outcomes.updated ?? 0;
  expect(seen).toBeGreaterThanOrEqual(20 - 1);
  expect(await guest.runs.move("r", ["planning"], "pausing", null, event("pausing"))).toMatchObject({
    state: "pausing",
  });
  expect(() => guest?.worker("r", async () => {}, {})).toThrow(
    new RegExp(
      `^bulkpatch \\(process ${child.process.pid} on \\S+, since .* UTC\\) holds ${dataDir}, so only it can work$`,
    ),
  );
});

test("a second process adds jobs that wake the first one's worker", async () => {
  const dataDir = await embeddedForTest();
  const owner = await openBackend({ url: null, dataDir });
  guest = await openBackend({ url: null, dataDir });
  const { promise, resolve } = Promise.withResolvers<number>();
  const worker = owner.worker("q", async (job) => resolve(job.data.n), {});
  await worker.waitUntilReady();
  void worker.run();
  const queue = guest.queue("q");
  await queue.add("update", { n: 7 }, { jobId: "r7" });
  expect(await promise).toBe(7);
  await queue.close();
  await worker.close();
  await owner.close();
});

test("a second process is told when the first one is gone, and opens the folder itself the next time", async () => {
  const dataDir = await embeddedForTest();
  child = await ownerOf(dataDir);
  guest = await openBackend({ url: null, dataDir });
  await guest.runs.create(sampleRun({ id: "kept" }), event("planning"));
  const calls = Promise.allSettled(Array.from({ length: 5 }, async () => guest?.runs.get("kept")));
  await child.kill();
  await calls;
  await expect(guest.runs.get("kept")).rejects.toMatchObject({
    name: "BackendError",
    code: "owner_gone",
    message: expect.stringMatching(/^bulkpatch \(process \d+ on .*\), which held .*, has ended$/),
  });
  const next = await openBackend({ url: null, dataDir });
  expect(next.canWork).toBe(true);
  expect((await next.runs.get("kept"))?.id).toBe("kept");
  await next.close();
});

test("a second process waits for a first one that is about to end", async () => {
  const dataDir = await embeddedForTest();
  const owner = await openBackend({ url: null, dataDir });
  const closing = owner.close();
  guest = await openBackend({ url: null, dataDir });
  await closing;
  expect(guest.canWork).toBe(true);
});

test("of five processes that open a folder at once one owns it, and all see the same", async () => {
  const dataDir = await embeddedForTest();
  const backends = await Promise.all(Array.from({ length: 5 }, async () => openBackend({ url: null, dataDir })));
  expect(backends.filter((backend) => backend.canWork)).toHaveLength(1);
  await backends.at(-1)?.runs.create(sampleRun({ id: "one" }), event("planning"));
  for (const backend of backends) expect((await backend.runs.get("one"))?.id).toBe("one");
  const [owner, ...guests] = backends.toSorted((a, b) => Number(b.canWork) - Number(a.canWork));
  for (const each of guests) await each.close();
  await owner?.close();
});

test("a first process that does not answer is named", async () => {
  const dataDir = await embeddedForTest();
  child = await ownerOf(dataDir);
  child.process.kill("SIGSTOP");
  await expect(openBackend({ url: null, dataDir })).rejects.toMatchObject({
    code: "folder_in_use",
    message: expect.stringMatching(/^bulkpatch \(process \d+ on .*\) holds .* and does not answer$/),
  });
});

test("a folder with a long path works for guests, too", async () => {
  const folder = await embeddedForTest();
  const dataDir = join(folder, "x".repeat(120));
  await mkdir(dataDir);
  const owner = await openBackend({ url: null, dataDir });
  guest = await openBackend({ url: null, dataDir });
  expect(await guest.runs.list(1)).toEqual([]);
  await guest.close();
  await owner.close();
  await rm(dataDir, { recursive: true });
});

test("a statement that would stay open in the owner's session is refused", async () => {
  const dataDir = await embeddedForTest();
  const owner = await openBackend({ url: null, dataDir });
  const relay = await joinOwner(relayPath(owner.address), owner.address);
  for (const text of ["BEGIN", "/* x */ BEGIN", "-- x\nbegin; select 1", "SET search_path = public", "LISTEN a", ""]) {
    await expect(relay?.query(text)).rejects.toThrow("can only be run by the process that holds the folder");
  }
  relay?.close();
  await owner.close();
});
