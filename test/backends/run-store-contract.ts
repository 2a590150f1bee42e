import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { WorkerInfo } from "../../src/runs/presence.ts";
import { MINUTE_MS, type TrafficCount } from "../../src/runs/traffic.ts";
import { noOutcomes } from "../../src/runs/outcome.ts";
import { LeaseLostError, type Fence } from "../../src/runs/leases.ts";
import type { NewRun } from "../../src/runs/run.ts";
import { collect, ended, event, sampleRow, sampleRows, sampleRun } from "./sample-run.ts";

function sampleWorker(): WorkerInfo {
  return { id: `worker-${randomUUID()}`, accountId: "account", host: "alpha", pid: 4711, startedAt: 1_795_000_000_000 };
}

/** What every backend keeps of runs. `connections` answers two that are open on the same datastore. */
export function describeRunStores(connections: () => [Backend, Backend]): void {
  const store = () => connections()[0];
  const other = () => connections()[1];

  async function startedRun(overrides: Partial<NewRun> = {}): Promise<string> {
    const run = sampleRun(overrides);
    await store().runs.create(run, event("planning"));
    return run.id;
  }

  async function count(id: string, accountId: string, ...counts: TrafficCount[]): Promise<void> {
    await store().runs.addRequests(id, { total: 1 }, { accountId, counts });
  }

  async function leaseThatRanOut(lease: string, owner: string): Promise<Fence> {
    const token = await store().leases.take(lease, owner, 1);
    await vi.waitFor(async () => expect(await store().leases.owner(lease)).toBeNull());
    return { lease, token: token! };
  }

  describe("a run", () => {
    test("comes back as it was created, seen from everywhere", async () => {
      const run = sampleRun({ reason: "because", retryOf: "earlier", reportDir: "/tmp/reports" });
      await store().runs.create(run, event("planning"));
      expect(await other().runs.get(run.id)).toEqual({
        ...run,
        rows: 0,
        outcomes: noOutcomes(),
        requests: { total: 0, retries: 0, throttled: 0 },
        events: [event("planning")],
        finishedAt: null,
      });
    });

    test("is refused when its id is taken", async () => {
      const run = sampleRun();
      await store().runs.create(run, event("planning"));
      await expect(other().runs.create(run, event("planning"))).rejects.toThrow(`There is a run ${run.id} already`);
    });

    test("is null when there is none", async () => {
      expect(await store().runs.get("nobody")).toBeNull();
      expect(await store().runs.move("nobody", ["planning"], "running", null, event("running"))).toBeNull();
    });

    test("is listed newest first, up to the limit", async () => {
      const far = 4_000_000_000_000;
      const ids = await Promise.all([1, 3, 2].map((n) => startedRun({ createdAt: far + n })));
      const listed = await store().runs.list(3);
      expect(listed.map((run) => run.id)).toEqual([ids[1], ids[2], ids[0]]);
      expect(await store().runs.list(1)).toHaveLength(1);
      for (const id of ids) await store().runs.remove(id);
    });

    test("keeps a new report folder", async () => {
      const id = await startedRun();
      await store().runs.setReportDir(id, "/reports/é");
      expect(await store().runs.get(id)).toMatchObject({ reportDir: "/reports/é" });
      await store().runs.setReportDir("nobody", "/reports");
      expect(await store().runs.get("nobody")).toBeNull();
    });

    test("is gone with its rows when it is removed", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(3));
      await store().runs.streak(id, "403:1");
      await store().runs.remove(id);
      expect(await store().runs.get(id)).toBeNull();
      expect(await store().rows.get(id, 0)).toBeNull();
      expect(await collect(store().rows.all(id))).toEqual([]);
      expect((await store().runs.inStates(["planning"])).map((run) => run.id)).not.toContain(id);
      expect(await store().rows.record(id, [ended(0)])).toBe(0);
      await store().runs.remove(id);
    });
  });

  describe("a move", () => {
    test("is made only from the states that are named", async () => {
      const id = await startedRun({ reason: "old" });
      expect(await store().runs.move(id, ["running", "paused"], "pausing", "no", event("no"))).toBeNull();
      const moved = await store().runs.move(id, ["paused", "planning"], "queueing", null, event("queueing", 2));
      expect(moved).toMatchObject({
        id,
        state: "queueing",
        reason: null,
        events: [event("planning"), event("queueing", 2)],
      });
      expect(await other().runs.get(id)).toEqual(moved);
    });

    test("is made by one of all who try at once", async () => {
      const id = await startedRun();
      const moves = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? store() : other()).runs.move(id, ["planning"], "queueing", `by ${i}`, event("queueing")),
        ),
      );
      const winners = moves.filter((run) => run !== null);
      expect(winners).toHaveLength(1);
      expect(await store().runs.get(id)).toMatchObject({
        reason: winners[0]?.reason,
        events: [event("planning"), event("queueing")],
      });
    });

    test("to an end sets when it ended, and away from it clears that", async () => {
      const id = await startedRun();
      expect((await store().runs.move(id, ["planning"], "finished", null, event("finished", 5)))?.finishedAt).toBe(5);
      expect((await store().runs.move(id, ["finished"], "running", null, event("running", 6)))?.finishedAt).toBeNull();
      expect((await store().runs.move(id, ["running"], "cancelled", null, event("cancelled", 7)))?.finishedAt).toBe(7);
    });

    test("into the state where the run is keeps it there", async () => {
      const id = await startedRun();
      await store().runs.move(id, ["planning"], "planning", "again", event("again"));
      expect((await store().runs.inStates(["planning"])).map((run) => run.id)).toContain(id);
    });

    test("shows in the list of runs by state", async () => {
      const [waiting, working, done] = await Promise.all([startedRun(), startedRun(), startedRun()]);
      await store().runs.move(working, ["planning"], "running", null, event("running"));
      await store().runs.move(done, ["planning"], "finished", null, event("finished"));
      const mine = (await other().runs.inStates(["planning", "running"])).filter(({ id }) =>
        [waiting, working, done].includes(id),
      );
      expect(mine.toSorted((a, b) => a.state.localeCompare(b.state))).toEqual([
        { id: waiting, state: "planning" },
        { id: working, state: "running" },
      ]);
      expect(await store().runs.inStates([])).toEqual([]);
    });
  });

  describe("the number of changes", () => {
    test("is another one when a run is made, moved or removed, seen from everywhere", async () => {
      const seen = [await other().runs.changes()];
      const look = async (): Promise<void> => void seen.push(await other().runs.changes());
      const id = await startedRun();
      await look();
      await store().runs.move(id, ["planning"], "running", null, event("running"));
      await look();
      await store().runs.remove(id);
      await look();
      expect(new Set(seen).size).toBe(4);
    });

    test("stays while rows end and requests are counted", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(2));
      const before = await other().runs.changes();
      await store().rows.record(id, [ended(0)]);
      await store().runs.addRequests(id, { total: 1 });
      await store().runs.setReportDir(id, "/tmp");
      await store().presence.heartbeat(sampleWorker(), 60_000);
      expect(await other().runs.changes()).toBe(before);
    });
  });

  describe("rows", () => {
    test("come back as they were kept, whatever characters they hold", async () => {
      const id = await startedRun();
      const strange = ["", "a\nb\r\n", "\u0000\u0001", "\ud800", "\u2028", '"\\', "{}[1]", "🦦é", "=1+1", "0"];
      const rows = [
        sampleRow(0, {
          cells: strange,
          entryName: "a\nb\r\n",
          guard: "2026-01-01T00:00:00Z",
          warnings: [{ code: "free_mail_domain", message: "x" }],
          drift: { cause: "both", applied: { name: "Ada", comments: null, is_email_regex: false } },
          asSeen: "qL3-x_0abcdefghi",
        }),
        sampleRow(1, {
          cells: [],
          entryId: null,
          entryEmail: null,
          entryName: null,
          provenance: null,
          changes: null,
          asSeen: "0",
        }),
        sampleRow(2, {
          provenance: "SNOOPY-NEW_KIND",
          changes: {
            email: { from: "a@x.example", to: "person.2@corp.example" },
            is_email_regex: { from: null, to: false },
            directory_id: { from: 17, to: null },
            directory_node_id: { from: 0, to: 1 },
          },
        }),
        sampleRow(3, { result: ended(3, "rejected_invalid", { message: 'column "x"\nno', httpStatus: null }).result }),
        sampleRow(4, {
          result: ended(4, "updated", { auditLogId: "0190-audit", modifiedAt: 1_764_000_000_123 }).result,
        }),
      ];
      await store().rows.stage(id, rows);
      expect(await collect(other().rows.all(id))).toEqual(rows);
      expect(await other().rows.get(id, 2)).toEqual(rows[2]);
      expect(await other().rows.get(id, 5)).toBeNull();
    });

    test("are counted once, however often they are kept, and keep what they were", async () => {
      const id = await startedRun();
      const unchanged = ended(1, "unchanged").result;
      await store().rows.stage(id, [sampleRow(0), sampleRow(1, { result: unchanged })]);
      await other().rows.stage(id, [sampleRow(0, { cells: ["other"] }), sampleRow(1), sampleRow(2)]);
      const run = await store().runs.get(id);
      expect(run).toMatchObject({ rows: 3, outcomes: { ...noOutcomes(), unchanged: 1 } });
      expect((await store().rows.get(id, 0))?.cells).toEqual(sampleRow(0).cells);
      expect((await store().rows.get(id, 1))?.result).toEqual(unchanged);
      await store().rows.stage(id, []);
    });

    test("of a run that is not there are refused", async () => {
      await expect(store().rows.stage("nobody", [sampleRow(0)])).rejects.toMatchObject({
        code: "run_not_found",
        message: "There is no run nobody",
      });
    });

    test("stream in order, from anywhere, over many batches", async () => {
      const id = await startedRun();
      const rows = sampleRows(1_203);
      await store().rows.stage(id, rows.slice(600));
      await store().rows.stage(id, rows.slice(0, 600));
      expect(await collect(store().rows.all(id))).toEqual(rows);
      expect((await collect(store().rows.all(id, 1_201))).map((row) => row.n)).toEqual([1_201, 1_202]);
      expect(await collect(store().rows.all(id, 1_203))).toEqual([]);
    });

    test("without a result are the outstanding ones, in order", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(4_100));
      await store().rows.record(
        id,
        [0, 7, 2_000, 4_099].map((n) => ended(n)),
      );
      const batches = await collect(other().rows.outstanding(id));
      const open = Array.from({ length: 4_100 }, (_, n) => n).filter((n) => ![0, 7, 2_000, 4_099].includes(n));
      expect(batches.flat()).toEqual(open);
      expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(2_000);
      await store().rows.record(
        id,
        open.map((n) => ended(n)),
      );
      expect(await collect(other().rows.outstanding(id))).toEqual([]);
    });

    test("without a result are read between two positions, both included", async () => {
      const id = await startedRun();
      const rows = sampleRows(30);
      await store().rows.stage(id, rows);
      await store().rows.record(
        id,
        [4, 6, 9].map((n) => ended(n)),
      );
      expect(await other().rows.outstandingIn(id, 5, 9)).toEqual([rows[5], rows[7], rows[8]]);
      expect((await other().rows.outstandingIn(id, 28, 1_000)).map(({ n }) => n)).toEqual([28, 29]);
      expect(await other().rows.outstandingIn(id, 4, 4)).toEqual([]);
      expect(await other().rows.outstandingIn(id, 9, 5)).toEqual([]);
      expect(await other().rows.outstandingIn("nobody", 0, 9)).toEqual([]);
    });
  });

  describe("a result", () => {
    test("is kept with its row, and counted", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(3));
      const failed = ended(2, "failed", {
        message: "time-out\nagain",
        httpStatus: null,
        apiCode: 1015,
        attempts: 9,
        rayId: null,
      });
      expect(await store().rows.record(id, [ended(0), failed])).toBe(2);
      expect((await other().rows.get(id, 2))?.result).toEqual(failed.result);
      expect((await other().rows.get(id, 1))?.result).toBeNull();
      expect((await other().runs.get(id))?.outcomes).toEqual({ ...noOutcomes(), updated: 1, failed: 1 });
      expect(await store().rows.record(id, [])).toBe(0);
    });

    test("is kept once: a second one changes nothing", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(2));
      expect(await store().rows.record(id, [ended(0), ended(0, "failed")])).toBe(1);
      expect(await other().rows.record(id, [ended(0, "failed"), ended(1)])).toBe(1);
      expect((await store().rows.get(id, 0))?.result?.outcome).toBe("updated");
      expect((await store().runs.get(id))?.outcomes).toEqual({ ...noOutcomes(), updated: 2 });
    });

    test("of a row that is not there is not counted", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(1));
      expect(await store().rows.record(id, [ended(5)])).toBe(0);
      expect((await store().runs.get(id))?.outcomes).toEqual(noOutcomes());
    });

    test("that two say at once about the same rows counts once for each row", async () => {
      const id = await startedRun();
      const count = 120;
      await store().rows.stage(id, sampleRows(count));
      const positions = Array.from({ length: count }, (_, n) => n);
      const calls = [0, 1, 2, 3].flatMap((round) =>
        [store().rows, other().rows].map((rows, side) => {
          const order = round % 2 ? positions : positions.toReversed();
          return rows.record(
            id,
            order.map((n) => ended(n, side ? "updated" : "failed", { message: `${round}` })),
          );
        }),
      );
      const fresh = (await Promise.all(calls)).reduce((sum, n) => sum + n, 0);
      const { failed, updated } = (await store().runs.get(id))?.outcomes ?? noOutcomes();
      const kept = (await collect(store().rows.all(id))).map((row) => row.result?.outcome);
      expect(fresh).toBe(count);
      expect(failed + updated).toBe(count);
      expect(kept.filter((outcome) => outcome === "failed")).toHaveLength(failed);
    });

    test("brings the entry's provenance where that became known", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(2));
      const rejected = ended(0, "rejected_directory_synced");
      await store().rows.record(id, [{ ...rejected, provenance: "SNOOPY-OFFICE_365" }, ended(1)]);
      expect((await store().rows.get(id, 0))?.provenance).toBe("SNOOPY-OFFICE_365");
      expect((await store().rows.get(id, 1))?.provenance).toBe("A1S_INTERNAL");
    });
  });

  describe("counters", () => {
    test("add up the requests that several workers made", async () => {
      const id = await startedRun();
      await Promise.all([
        store().runs.addRequests(id, { total: 3, retries: 1 }),
        other().runs.addRequests(id, { total: 4, throttled: 2 }),
        other().runs.addRequests(id, {}),
      ]);
      expect((await store().runs.get(id))?.requests).toEqual({ total: 7, retries: 1, throttled: 2 });
      await store().runs.addRequests("nobody", { total: 1 });
      expect(await store().runs.get("nobody")).toBeNull();
    });

    test("count requests together with the outcomes that they led to", async () => {
      const accountId = randomUUID();
      const id = await startedRun({ accountId });
      await store().rows.stage(id, sampleRows(3));
      const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
      const patches = { minute, kind: "patch", status: "2xx", requests: 2 } as const;
      const requests = { counts: { total: 2, retries: 1 }, traffic: { accountId, counts: [patches] } };
      expect(await store().rows.record(id, [ended(0), ended(1, "failed", { apiCode: 7 })], requests)).toBe(2);
      expect(await other().rows.record(id, [ended(0)], requests)).toBe(0);
      expect(await other().rows.record(id, [], requests)).toBe(0);
      const run = await store().runs.get(id);
      expect(run?.requests).toEqual({ total: 6, retries: 3, throttled: 0 });
      expect(run?.outcomes).toEqual({ ...noOutcomes(), updated: 1, failed: 1 });
      expect(await other().traffic.since({ accountId }, minute)).toEqual([{ ...patches, requests: 6 }]);
      expect(await other().traffic.since({ runId: id }, minute)).toEqual([{ ...patches, requests: 6 }]);
      expect(await store().rows.record("nobody", [ended(0)], requests)).toBe(0);
      expect(await store().runs.get("nobody")).toBeNull();
      expect(await other().traffic.since({ runId: "nobody" }, minute)).toEqual([]);
    });

    test("count rows that in a row ended with the same error", async () => {
      const id = await startedRun();
      expect(await store().runs.streak(id, "422:7")).toBe(1);
      expect(await other().runs.streak(id, "422:7")).toBe(2);
      expect(await store().runs.streak(id, "403:9")).toBe(1);
      expect(await store().runs.streak(id, null)).toBe(0);
      expect(await store().runs.streak(id, "403:9")).toBe(1);
    });
  });

  describe("traffic", () => {
    const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const patches = (requests: number, at = minute): TrafficCount => ({
      minute: at,
      kind: "patch",
      status: "2xx",
      requests,
    });

    test("adds up by the minute, for the run and for its account", async () => {
      const accountId = randomUUID();
      const [one, another] = [await startedRun({ accountId }), await startedRun({ accountId })];
      const lists: TrafficCount = { minute: minute - 90 * MINUTE_MS, kind: "list", status: "429", requests: 1 };
      await Promise.all([count(one, accountId, patches(2), lists), count(another, accountId, patches(3))]);
      await count(one, accountId, patches(5, minute - MINUTE_MS));
      const { traffic } = other();
      expect(await traffic.since({ runId: one }, 0)).toEqual([lists, patches(5, minute - MINUTE_MS), patches(2)]);
      expect(await traffic.since({ runId: one }, minute + 59_999)).toEqual([patches(2)]);
      expect(await traffic.since({ runId: one }, minute + MINUTE_MS)).toEqual([]);
      expect(await traffic.since({ accountId }, minute)).toEqual([patches(5)]);
      expect((await store().runs.get(one))?.requests.total).toBe(2);
      await store().runs.remove(one);
      expect(await traffic.since({ runId: one }, 0)).toEqual([]);
      expect(await traffic.since({ accountId }, minute)).toEqual([patches(5)]);
    });

    test("of a run that is not there is not counted", async () => {
      const accountId = randomUUID();
      await count("nobody", accountId, patches(1));
      expect(await store().traffic.since({ accountId }, 0)).toEqual([]);
    });

    test("of a day ago is forgotten", async () => {
      const accountId = randomUUID();
      const id = await startedRun({ accountId });
      await count(id, accountId, patches(1, minute - 26 * 60 * MINUTE_MS));
      await count(id, accountId, patches(2));
      expect(await store().traffic.since({ accountId }, 0)).toEqual([patches(2)]);
    });
  });

  describe("a lease", () => {
    test("is held by one owner, who may renew it", async () => {
      const name = `lease-${randomUUID()}`;
      const taken = await Promise.all(
        ["a", "b", "c"].map((owner, i) => (i % 2 ? store() : other()).leases.take(name, owner, 60_000)),
      );
      const winner = taken.findIndex((token) => token !== null);
      expect(taken.filter((token) => token !== null)).toHaveLength(1);
      const owner = ["a", "b", "c"][winner] ?? "";
      expect(await store().leases.owner(name)).toBe(owner);
      expect(await store().leases.take(name, owner, 60_000)).toBe(taken[winner]);
      expect(await store().leases.take(name, "d", 60_000)).toBeNull();
    });

    test("is free when its owner lets it go, and only then", async () => {
      const name = `lease-${randomUUID()}`;
      await store().leases.take(name, "a", 60_000);
      await store().leases.release(name, "b");
      expect(await store().leases.owner(name)).toBe("a");
      await store().leases.release(name, "a");
      expect(await store().leases.owner(name)).toBeNull();
      expect(await store().leases.take(name, "b", 60_000)).not.toBeNull();
    });

    test("runs out", async () => {
      const name = `lease-${randomUUID()}`;
      await store().leases.take(name, "a", 1);
      await vi.waitFor(async () => expect(await store().leases.owner(name)).toBeNull());
      expect(await store().leases.take(name, "b", 60_000)).not.toBeNull();
    });

    test("has a greater token with each owner, and keeps it while its owner renews it, however late", async () => {
      const name = `lease-${randomUUID()}`;
      const first = await leaseThatRanOut(name, "a");
      expect(await other().leases.take(name, "a", 1)).toBe(first.token);
      await vi.waitFor(async () => expect(await store().leases.owner(name)).toBeNull());
      const second = await other().leases.take(name, "b", 60_000);
      expect(second).toBeGreaterThan(first.token);
      await other().leases.release(name, "b");
      expect(await store().leases.take(name, "a", 60_000)).toBeGreaterThan(second!);
    });

    test("that ran out lets its last owner write until another one takes it", async () => {
      const id = await startedRun();
      const fence = await leaseThatRanOut(`lease-${id}`, "a");
      await store().rows.stage(id, [sampleRow(0)], { fence });
      const moved = await store().runs.move(id, ["planning"], "queueing", null, event("queueing"), { fence });
      expect(moved).toMatchObject({ state: "queueing", rows: 1 });
      expect(await store().runs.move(id, ["planning"], "queueing", null, event("queueing"), { fence })).toBeNull();
      await other().leases.take(fence.lease, "b", 60_000);
      const stage = store().rows.stage(id, [sampleRow(1)], { fence });
      await expect(stage).rejects.toThrow(LeaseLostError);
      const move = store().runs.move(id, ["queueing"], "interrupted", null, event("interrupted"), { fence });
      await expect(move).rejects.toThrow(LeaseLostError);
      expect(await store().runs.get(id)).toEqual(moved);
    });

    test("that was let go lets nobody write", async () => {
      const id = await startedRun();
      const fence = { lease: `lease-${id}`, token: (await store().leases.take(`lease-${id}`, "a", 60_000))! };
      await store().leases.release(fence.lease, "a");
      const move = other().runs.move(id, ["planning"], "queueing", null, event("queueing"), { fence });
      await expect(move).rejects.toThrow(`the lease lease-${id} was lost to another process`);
    });
  });

  describe("a worker process", () => {
    test("is alive while it says so", async () => {
      const [alive, retired, silent] = [sampleWorker(), sampleWorker(), sampleWorker()];
      await store().presence.heartbeat(alive, 60_000);
      await store().presence.heartbeat(retired, 60_000);
      await store().presence.heartbeat(silent, 1);
      await other().presence.retire(retired.id);
      await vi.waitFor(async () => {
        const ids = (await other().presence.list()).map(({ id }) => id);
        expect(ids).toContain(alive.id);
        expect(ids).not.toContain(silent.id);
        expect(ids).not.toContain(retired.id);
      });
      expect((await store().presence.list()).find(({ id }) => id === alive.id)).toEqual(alive);
    });

    test("stays alive when it says so again", async () => {
      const alive = sampleWorker();
      await store().presence.heartbeat(alive, 1);
      await store().presence.heartbeat({ ...alive, host: "beta" }, 60_000);
      expect(await other().presence.list()).toContainEqual({ ...alive, host: "beta" });
    });
  });
}
