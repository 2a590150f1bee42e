import { afterEach, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { Registry } from "../../src/registry/open-registry.ts";
import { addSchedule } from "../../src/schedules/add-schedule.ts";
import { pauseSchedule, resumeSchedule } from "../../src/schedules/control-schedule.ts";
import { runOnce } from "../../src/schedules/run-once.ts";
import { DAY, HOUR, type KeeperWorld, MINUTE, setUpKeeperWorld } from "./keeper-world.ts";

/** A registry that does not answer a listing until the `end`: whoever asks is as good as killed. */
function unanswered(registry: Registry, end: Promise<never>): Registry {
  return {
    ...registry,
    connect: (onRequest) => ({
      ...registry.connect(onRequest),
      // oxlint-disable-next-line require-yield
      list: async function* () {
        await end;
      },
    }),
  };
}

/** Occasions as they must come out on every backend. */
export function describeKeeping(backend: () => Backend): void {
  let world: KeeperWorld;
  afterEach(async () => {
    expect(world.errors).toEqual([]);
    await world.close();
  });
  const setUp = async (at: string): Promise<KeeperWorld> =>
    (world = await setUpKeeperWorld(backend(), { size: 20, at }));
  const dueTimes = async (name: string): Promise<string[]> =>
    (await world.occasions(name))
      .map(({ dueAt, state }) => `${new Date(dueAt).toISOString().slice(0, 16)} ${state}`)
      .toReversed();

  test("keeps two weeks of nights, over the change to summer time, each once", async () => {
    const { list, people, add, pass, clock } = await setUp("2026-03-22T12:00:00Z");
    await list(people());
    const name = await add();
    for (const end = clock.now + 14 * DAY; clock.now < end; clock.now += HOUR / 2) await pass();
    expect(await dueTimes(name)).toEqual(
      [23, 24, 25, 26, 27, 28]
        .map((day) => `2026-03-${day}T01:30 in_sync`)
        // 02:30 does not exist on the 29th: it is due when the gap ends, at 03:00
        .concat("2026-03-29T01:00 in_sync", "2026-03-30T00:30 in_sync", "2026-03-31T00:30 in_sync")
        .concat([1, 2, 3, 4, 5].map((day) => `2026-04-0${day}T00:30 in_sync`)),
    );
  });

  test("keeps the night on which 02:30 comes twice once", async () => {
    const { list, people, add, pass, clock } = await setUp("2026-10-23T12:00:00Z");
    await list(people());
    const name = await add();
    for (const end = clock.now + 4 * DAY; clock.now < end; clock.now += 15 * MINUTE) await pass();
    expect(await dueTimes(name)).toEqual([
      "2026-10-24T00:30 in_sync",
      "2026-10-25T00:30 in_sync",
      "2026-10-26T01:30 in_sync",
      "2026-10-27T01:30 in_sync",
    ]);
  });

  test("lets one of several claimants carry out a due occasion", async () => {
    const { list, people, add, keeper, occasions, requests, clock } = await setUp("2026-03-02T12:00:00Z");
    await list(people());
    const name = await add();
    clock.now += DAY;
    requests();
    await Promise.all(Array.from({ length: 4 }, () => runOnce(keeper())));
    expect((await occasions(name)).map(({ state }) => state)).toEqual(["in_sync"]);
    expect(requests()).toEqual({ GET: 1, PATCH: 0 });
  });

  test("catches up the newest missed night within twelve hours, and says what came of the others", async () => {
    const { list, people, add, pass } = await setUp("2026-03-02T12:00:00Z");
    await list(people());
    const name = await add();
    await pass("2026-03-05T13:00:00Z");
    expect(await dueTimes(name)).toEqual([
      "2026-03-03T01:30 expired",
      "2026-03-04T01:30 expired",
      "2026-03-05T01:30 in_sync",
    ]);
    await pass("2026-03-07T14:00:00Z");
    expect((await dueTimes(name)).slice(3)).toEqual(["2026-03-06T01:30 expired", "2026-03-07T01:30 expired"]);
  });

  test("carries out only the newest after a worker slept for an hour", async () => {
    const { list, people, add, pass } = await setUp("2026-03-02T12:00:30Z");
    await list(people());
    const name = await add({ cron: "*/15 * * * *" });
    await pass("2026-03-02T13:01:00Z");
    expect(await dueTimes(name)).toEqual([
      "2026-03-02T12:15 expired",
      "2026-03-02T12:30 expired",
      "2026-03-02T12:45 expired",
      "2026-03-02T13:00 in_sync",
    ]);
  });

  test("records each night of a pause as skipped, and floods nothing when it is resumed", async () => {
    const { list, people, add, pass, clock } = await setUp("2026-03-02T12:00:00Z");
    await list(people());
    const name = await add();
    await pauseSchedule(backend().schedules, name, { by: "ada@test", now: clock.now });
    await pass("2026-03-03T02:00:00Z");
    clock.now = Date.parse("2026-03-05T02:00:00Z");
    await resumeSchedule(backend().schedules, name, { by: "ada@test", now: clock.now });
    await pass("2026-03-05T03:00:00Z");
    await pass("2026-03-06T03:00:00Z");
    expect(await dueTimes(name)).toEqual([
      "2026-03-03T01:30 skipped",
      "2026-03-04T01:30 skipped",
      "2026-03-05T01:30 skipped",
      "2026-03-06T01:30 in_sync",
    ]);
  });

  test("loses and doubles nothing when its pattern is replaced", async () => {
    const { list, people, add, pass, clock, schedule } = await setUp("2026-03-02T12:00:00Z");
    await list(people());
    const name = await add();
    clock.now = Date.parse("2026-03-03T01:31:00Z");
    const { settings } = await schedule(name);
    const replaced = { ...settings, cron: "0 1 * * *" };
    await addSchedule(backend().schedules, { name, settings: replaced, replace: true, by: "ada@test", now: clock.now });
    await pass("2026-03-03T01:32:00Z");
    await pass("2026-03-03T01:33:00Z");
    await pass("2026-03-04T00:01:00Z");
    expect(await dueTimes(name)).toEqual(["2026-03-03T01:30 in_sync", "2026-03-04T00:00 in_sync"]);
  });

  test("sends what differs, once, and then nothing", async () => {
    const { list, people, add, pass, occasions, requests, api } = await setUp("2026-03-02T12:00:00Z");
    const wanted = people().map((person, n) => (n < 3 ? { ...person, name: `New ${n}` } : person));
    await list(wanted);
    const name = await add();
    requests();
    await pass("2026-03-03T01:31:00Z");
    expect(requests()).toEqual({ GET: 1, PATCH: 3 });
    const [done] = await occasions(name);
    expect(done).toMatchObject({ state: "done", changes: 3, reason: null, message: "3 entries updated" });
    expect(done!.run).toMatch(/^2026-03-03-/);
    expect(api.entries().map((entry) => entry.name)).toEqual(wanted.map((person) => person.name));
    await pass("2026-03-04T01:31:00Z");
    expect(requests()).toEqual({ GET: 1, PATCH: 0 });
    expect((await occasions(name))[0]).toMatchObject({ state: "in_sync", changes: 0, run: null });
  });

  test("takes over from a process that was killed while it planned, once its time is up", async () => {
    const { list, people, add, pass, keeper, clock, occasions, newest } = await setUp("2026-03-02T12:00:00Z");
    await list(people().map((person, n) => (n === 0 ? { ...person, name: "New" } : person)));
    const name = await add();
    clock.now = Date.parse("2026-03-03T01:31:00Z");
    const end = Promise.withResolvers<never>();
    const registry = unanswered(keeper().registry, end.promise);
    const errors: string[] = [];
    const killed = runOnce(keeper({ registry, onError: ({ message }) => void errors.push(message) }));
    await expect.poll(async () => (await occasions(name)).length).toBe(1);
    await pass();
    expect(await newest(name)).toMatchObject({ state: "running" });
    await pass(clock.now + 6 * MINUTE);
    const done = { state: "done", reason: null, changes: 1 };
    expect(await newest(name)).toEqual(done);
    expect(await occasions(name)).toHaveLength(1);
    // and where it only seemed dead, its end changes nothing
    end.reject(new Error("the listing was cut off"));
    await killed;
    expect(errors).toEqual(["the listing was cut off"]);
    expect(await newest(name)).toEqual(done);
  });
}
