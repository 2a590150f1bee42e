import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { Registry } from "../../src/registry/open-registry.ts";
import { addSchedule } from "../../src/schedules/add-schedule.ts";
import { approveSchedule, askForRun } from "../../src/schedules/control-schedule.ts";
import { planSource } from "../../src/plan/plan-source.ts";
import { DEFAULT_RUN_OPTIONS } from "../../src/runs/run.ts";
import { startRun } from "../../src/runs/start-run.ts";
import { runOnce } from "../../src/schedules/run-once.ts";
import { encodeSchedule, findSchedule } from "../../src/schedules/schedule.ts";
import { DAY, HOUR, type KeeperWorld, MINUTE, setUpKeeperWorld } from "./keeper-world.ts";
import { oneBackend } from "./one-backend.ts";

const backend = oneBackend();
let world: KeeperWorld;
/** Lets the killed ones go, whose occasions are in other hands by now. */
const undertakers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const bury of undertakers.splice(0)) await bury();
  await world.close();
});

/** A list that changes three people, due at 02:30 in the night. */
async function setUp(): Promise<KeeperWorld & { name: string }> {
  world = await setUpKeeperWorld(backend(), { size: 20 });
  await world.list(world.people().map((person, n) => (n < 3 ? { ...person, name: `New ${n}` } : person)));
  const name = await world.add();
  world.clock.now = Date.parse("2026-03-03T01:31:00Z");
  return { ...world, name };
}

/** The backend of a process that is killed, or frozen, when it calls this: neither the call nor the renewing of its leases goes on before `end`. */
function dyingAt(home: Backend, at: "create" | "stage" | "addBulk", reached: () => void, end: Promise<void>): Backend {
  let isDead = false;
  const wrap = <T extends object>(target: T, waits: (method: PropertyKey) => boolean): T =>
    // Of nothing: what is read-only in the target could not be replaced.
    new Proxy({} as T, {
      get: (_, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        if (!waits(key)) return value.bind(target);
        return async (...args: unknown[]) => {
          if (key === at) {
            isDead = true;
            reached();
          }
          await end;
          return (await value.apply(target, args)) as unknown;
        };
      },
    });
  return {
    ...home,
    leases: wrap(home.leases, () => isDead),
    runs: wrap(home.runs, (method) => method === at),
    rows: wrap(home.rows, (method) => method === at),
    queue: (id) => wrap(home.queue(id), (method) => method === at),
  };
}

/** A producer's lease runs out by the datastore's clock, which no test waits for. */
async function releaseLease(run: string): Promise<void> {
  const lease = `producer:${run}`;
  const owner = await backend().leases.owner(lease);
  if (owner !== null) await backend().leases.release(lease, owner);
}

describe("a process that was killed", () => {
  test.each(["create", "stage", "addBulk"] as const)(
    "at %s of the run leaves its occasion to another one",
    async (at) => {
      const { keeper, name, pass, occasions, newest, requests, api, clock } = await setUp();
      const reached = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const killed = runOnce(keeper({ home: dyingAt(backend(), at, reached.resolve, end.promise) }));
      undertakers.push(async () => {
        end.reject(new Error("killed"));
        await killed;
      });
      await reached.promise;
      const [claimed] = await occasions(name);
      expect(claimed).toMatchObject({ state: "running", run: expect.any(String) });
      await releaseLease(claimed!.run!);
      requests();
      await pass(clock.now + 6 * MINUTE);
      await pass();
      expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 3 });
      expect(await occasions(name)).toHaveLength(1);
      expect(requests().PATCH).toBe(3);
      expect(api.entries().filter((entry) => entry.name.startsWith("New"))).toHaveLength(3);
    },
  );

  test("after somebody approved its plan leaves the approval to the next one", async () => {
    const { keeper, name, pass, schedule, newest, occasions, clock, list, people } = await setUp();
    await list(people().map((person, n) => ({ ...person, name: `New ${n}` })));
    await pass();
    const { digest } = (await schedule(name)).held!;
    await approveSchedule(backend().schedules, name, digest!, { by: "bob@desk", now: clock.now + 1 });
    clock.now += MINUTE;
    const reached = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const killed = runOnce(keeper({ home: dyingAt(backend(), "create", reached.resolve, end.promise) }));
    undertakers.push(async () => {
      end.reject(new Error("killed"));
      await killed;
    });
    await reached.promise;
    await releaseLease((await occasions(name))[0]!.run!);
    await pass(clock.now + 6 * MINUTE);
    expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 20 });
    expect((await occasions(name))[0]!.approvedBy).toMatchObject({ by: "bob@desk" });
  });

  test("or only slow, makes its run once although another one took over", async () => {
    const { keeper, name, pass, newest, requests, clock } = await setUp();
    const reached = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const slow = runOnce(keeper({ home: dyingAt(backend(), "create", reached.resolve, end.promise) }));
    await reached.promise;
    clock.now += 6 * MINUTE;
    const other = keeper();
    const { connect } = other.registry;
    const registry: Registry = {
      ...other.registry,
      connect: (onRequest) => {
        const client = connect(onRequest);
        return {
          ...client,
          async *list(options) {
            yield* client.list(options);
            end.resolve(); // while the other one plans
            await slow;
          },
        };
      },
    };
    requests();
    await pass(clock.now, { ...other, registry });
    expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 3 });
    expect(requests().PATCH).toBe(3);
    const { accountId } = registry.api;
    expect((await backend().runs.list(100)).filter((run) => run.accountId === accountId)).toHaveLength(1);
  });

  test("and comes back later changes nothing more", async () => {
    const { keeper, name, pass, occasions, requests, clock } = await setUp();
    const frozen = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow = keeper();
    const { connect } = slow.registry;
    const waiting = {
      ...slow.registry,
      connect: ((onRequest) => {
        const client = connect(onRequest);
        return {
          ...client,
          async *list(options) {
            yield* client.list(options);
            frozen.resolve();
            await goOn.promise;
          },
        };
      }) satisfies typeof connect,
    };
    const late = runOnce({ ...slow, registry: waiting });
    await frozen.promise;
    await pass(clock.now + HOUR);
    expect((await occasions(name)).map(({ state }) => state)).toEqual(["done"]);
    requests();
    goOn.resolve();
    await late;
    expect(requests()).toEqual({ GET: 0, PATCH: 0 });
    expect((await occasions(name)).map(({ state, version }) => [state, version])).toEqual([
      ["done", (await occasions(name))[0]!.version],
    ]);
    expect(
      (await backend().runs.list(100)).filter((run) => run.accountId === slow.registry.api.accountId),
    ).toHaveLength(1);
  });
});

test("is skipped while the run of the occasion before it is not over, and says so", async () => {
  const { keeper, name, occasions, clock } = await setUp();
  await runOnce(keeper()); // nobody works on the run
  clock.now += DAY;
  await runOnce(keeper());
  const [skipped, first] = await occasions(name);
  expect(skipped).toMatchObject({ state: "skipped", reason: "overlap" });
  expect(skipped!.message).toBe(`run ${first!.run} of the occasion before it is not over`);
});

test("reconciles an account one list after the other, and loses none", async () => {
  const { keeper, name, add, pass, occasions, newest, folder, people } = await setUp();
  await writeFile(join(folder, "second.csv"), `id,name\n${people()[9]!.id},Second\n`);
  const source = { address: join(folder, "second.csv"), host: "here", read: {}, tokenFrom: null };
  world.clock.now = Date.parse("2026-03-02T12:00:00Z");
  const second = await add({ source });
  world.clock.now = Date.parse("2026-03-03T01:31:00Z");
  await runOnce(keeper());
  expect([...(await occasions(name)), ...(await occasions(second))]).toHaveLength(1);
  await pass();
  await pass();
  expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 3 });
  expect(await newest(second)).toEqual({ state: "done", reason: null, changes: 1 });
});

test("waits ten minutes for the host that has the file, then says that nobody was there", async () => {
  const { keeper, name, newest, occasions, clock, pass } = await setUp();
  const elsewhere = keeper({ host: "elsewhere" });
  await pass(clock.now, elsewhere);
  expect(await occasions(name)).toEqual([]);
  await pass(clock.now + 10 * MINUTE, elsewhere);
  expect(await newest(name)).toEqual({ state: "failed", reason: "source_host_absent", changes: null });
  expect((await occasions(name))[0]!.message).toMatch(/list\.csv is read on here, and no process there/);
  await pass(clock.now + DAY);
  expect(await newest(name)).toMatchObject({ state: "done" });
});

test("begins nothing in a window that denies it", async () => {
  world = await setUpKeeperWorld(backend(), { size: 20 });
  const { list, people, add, pass, newest } = world;
  await list(people());
  const name = await add({ notDuring: ["day 28-31"] });
  await pass("2026-03-28T02:00:00Z");
  expect(await newest(name)).toMatchObject({ state: "skipped", reason: "not_during" });
  await pass("2026-04-01T01:00:00Z");
  expect(await newest(name)).toMatchObject({ state: "in_sync" });
});

test("carries out what a person asks for once, beside its due times", async () => {
  const { name, pass, occasions, clock } = await setUp();
  clock.now = Date.parse("2026-03-02T13:00:00Z");
  const dueAt = await askForRun(backend().schedules, name, { by: "bob@desk", now: clock.now });
  await expect(askForRun(backend().schedules, name, { by: "eve@desk", now: clock.now })).rejects.toMatchObject({
    code: "already_asked",
  });
  await pass(clock.now + 15_000);
  await pass();
  expect(await occasions(name)).toMatchObject([{ dueAt, state: "done", askedBy: "bob@desk" }]);
  await pass("2026-03-03T01:31:00Z");
  expect(await occasions(name)).toMatchObject([{ state: "in_sync", askedBy: null }, { dueAt }]);
});

test("refuses a schedule that a newer version wrote, leaves it as it is, and keeps the others", async () => {
  const { name, add, pass, newest, errors } = await setUp();
  const newer = await add();
  const { schedule, version } = await findSchedule(backend().schedules, newer);
  const document = encodeSchedule(schedule).replace('"format":1', '"format":99');
  const { accountId } = schedule.settings;
  await backend().schedules.step({ name: newer, version, document, accountId });
  await pass();
  expect([...new Set(errors)]).toEqual([expect.stringContaining("was written by a newer version of bulkpatch")]);
  expect(await newest(name)).toMatchObject({ state: "done" });
  expect((await backend().schedules.get(newer))!.document).toBe(document);
  const replaced = addSchedule(backend().schedules, {
    name: newer,
    settings: schedule.settings,
    replace: true,
    by: "ada@test",
    now: 0,
  });
  await expect(replaced).rejects.toMatchObject({ code: "schedule_newer" });
});

test("says which run of a person was at work beside it", async () => {
  const { keeper, name, pass, occasions, clock } = await setUp();
  await askForRun(backend().schedules, name, { by: "bob@desk", now: clock.now - DAY });
  await runOnce(keeper());
  const run = (await occasions(name)).find((one) => one.run !== null)!.run!;
  await backend().schedules.remove(name); // its run goes on, and is nobody's occasion any more
  const other = await world.add({ cron: "45 2 * * *" }, `${name}-other`);
  await runOnce(keeper({ now: () => clock.now + HOUR }));
  expect((await occasions(other))[0]!.beside).toEqual([run]);
  await pass(clock.now + HOUR);
});

test("ends as failed, and names the run, while a person's run still has to update the same entries", async () => {
  const { keeper, name, newest, occasions, errors, folder } = await setUp();
  const { home, registry, now } = keeper();
  const { plan, source } = await planSource({
    path: join(folder, "list.csv"),
    read: {},
    registry,
    noPlan: false,
    checkAgain: false,
  });
  const person = await startRun(
    plan,
    { source, options: DEFAULT_RUN_OPTIONS, accountId: registry.api.accountId, retryOf: null, reportDir: () => null },
    { backend: home, by: "ada@test", now },
  );
  await plan.close();
  await runOnce(keeper());
  expect(await newest(name)).toMatchObject({ state: "failed", reason: "entries_busy" });
  expect((await occasions(name))[0]!.message).toContain(
    `run ${person.id} (running) still has to update 3 of the same entries`,
  );
  expect(errors).toEqual([]);
});
