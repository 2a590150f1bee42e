import { expect, test } from "vitest";
import type { ScheduleHome } from "../../src/schedules/schedule-home.ts";

const ACCOUNT = "a".repeat(32);
const OTHER = "b".repeat(32);
let made = 0;

/** Two connections to one datastore, as of two processes. */
export function describeScheduleStore(pair: () => [ScheduleHome, ScheduleHome]): void {
  const stores = () =>
    pair().map(({ schedules }) => schedules) as [ScheduleHome["schedules"], ScheduleHome["schedules"]];
  const setUp = async (accountId = ACCOUNT) => {
    const [one, two] = stores();
    for (const { schedule } of await one.running()) await one.remove(schedule);
    const name = `nightly-${++made}`;
    await one.create(name, "first");
    const step = { name, version: 1, document: "second", accountId };
    return { one, two, name, step };
  };

  test("makes a schedule of a name once, and finds and lists it", async () => {
    const { one, two, name } = await setUp();
    expect(await two.create(name, "other")).toBe(false);
    expect(await two.get(name)).toEqual({ name, version: 1, document: "first" });
    expect(await one.get("nowhere")).toBeNull();
    await one.create(`${name}-b`, "b");
    const names = (await two.list()).map((kept) => kept.name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining([name, `${name}-b`]));
  });

  test("counts among the changes that it is made, moved on and removed, seen from everywhere", async () => {
    const [one, two] = pair();
    const seen = [await two.runs.changes()];
    const look = async (): Promise<void> => void seen.push(await two.runs.changes());
    const { name, step } = await setUp();
    await look();
    expect(await one.schedules.step(step)).toBe("done");
    await look();
    await one.schedules.remove(name);
    await look();
    expect(new Set(seen).size).toBe(4);
    await one.schedules.list();
    await look();
    expect(seen.at(-1)).toBe(seen.at(-2));
  });

  test("lets one of two who read the same version take the step", async () => {
    const { one, two, name, step } = await setUp();
    const claim = { ...step, add: [{ dueAt: 1_000.5, state: "running" as const, document: "claimed" }] };
    const answers = await Promise.all([one.step(claim), two.step(claim)]);
    expect(answers.toSorted()).toEqual(["changed", "done"]);
    expect(await one.get(name)).toEqual({ name, version: 2, document: "second" });
    expect(await two.occasions(name, 10)).toEqual([
      { schedule: name, dueAt: 1_000.5, accountId: ACCOUNT, state: "running", version: 1, document: "claimed" },
    ]);
  });

  test("changes nothing at all where a part of a step can't be", async () => {
    const { one, name, step } = await setUp();
    expect(await one.step({ ...step, add: [{ dueAt: 1, state: "done", document: "a" }] })).toBe("done");
    const next = { ...step, version: 2, document: "third" };
    const stale = { dueAt: 1, version: 7, state: "failed" as const, document: "b" };
    expect(await one.step({ ...next, change: stale, add: [{ dueAt: 2, state: "done", document: "c" }] })).toBe(
      "changed",
    );
    const fits = { ...stale, version: 1 };
    const again = { dueAt: 1, state: "running" as const, document: "again" };
    expect(await one.step({ ...next, change: fits, add: [again] })).toBe("changed");
    expect(await one.get(name)).toMatchObject({ version: 2, document: "second" });
    expect((await one.occasions(name, 10)).map(({ dueAt, document }) => [dueAt, document])).toEqual([[1, "a"]]);
    expect(await one.step({ ...next, change: fits })).toBe("done");
    expect(await one.occasion(name, 1)).toMatchObject({ state: "failed", version: 2, document: "b" });
    expect(await one.occasion(name, 2)).toBeNull();
  });

  test("has one running occasion for an account at a time, also when two begin at once", async () => {
    const { one, two, name, step } = await setUp();
    const second = `${name}-second`;
    const third = `${name}-third`;
    await one.create(second, "x");
    await one.create(third, "x");
    const running = [{ dueAt: 5, state: "running" as const, document: "r" }];
    const answers = await Promise.all([
      one.step({ ...step, add: running }),
      two.step({ ...step, name: second, add: running }),
    ]);
    expect(answers.toSorted()).toEqual(["busy", "done"]);
    expect(await two.step({ ...step, name: third, accountId: OTHER, add: running })).toBe("done");
    expect(await one.running()).toHaveLength(2);
    const [first, waiting] = answers[0] === "done" ? [name, second] : [second, name];
    await one.step({
      ...step,
      name: first,
      version: 2,
      change: { dueAt: 5, version: 1, state: "done", document: "d" },
    });
    expect(await two.step({ ...step, name: waiting, add: running })).toBe("done");
    await one.remove(third);
    expect((await one.running()).map(({ schedule }) => schedule)).toEqual([waiting]);
  });

  test("keeps the occasion that a due time has, and lists the newest first", async () => {
    const { one, two, name, step } = await setUp();
    const add = [3, 1, 2, 10].map((dueAt) => ({ dueAt, state: "skipped" as const, document: `line\n${dueAt}` }));
    await one.step({ ...step, add });
    await one.step({ ...step, version: 2, add: [{ dueAt: 2, state: "done", document: "other" }] });
    expect((await two.occasions(name, 3)).map(({ dueAt, document }) => [dueAt, document])).toEqual([
      [10, "line\n10"],
      [3, "line\n3"],
      [2, "line\n2"],
    ]);
    expect((await two.occasions(name, 3, 3)).map(({ dueAt }) => dueAt)).toEqual([2, 1]);
    expect(await two.removeOccasionsBefore(name, 3)).toBe(2);
    expect((await one.occasions(name, 9)).map(({ dueAt }) => dueAt)).toEqual([10, 3]);
  });

  test("keeps what is known of entries", async () => {
    const { one, two, name } = await setUp();
    const many = Array.from({ length: 1_200 }, (_, n): [string, string] => [`entry-${n}`, `{"n":${n}}`]);
    await one.keepEntries(name, many);
    await one.keepEntries(name, [
      ["entry-0", "new"],
      ["entry-1", null],
    ]);
    const known = await two.knownEntries(name);
    expect(known.size).toBe(1_199);
    expect(known.get("entry-0")).toBe("new");
    expect(known.get("entry-1199")).toBe(`{"n":1199}`);
  });

  test("removes a schedule with everything of it, and forgets nothing that came late", async () => {
    const { one, two, name, step } = await setUp();
    await one.step({ ...step, add: [{ dueAt: 5, state: "running", document: "r" }] });
    await one.keepEntries(name, [["e", "x"]]);
    expect(await two.remove(name)).toBe(true);
    expect(await two.remove(name)).toBe(false);
    expect(await one.step({ ...step, version: 2 })).toBe("changed");
    await one.keepEntries(name, [["e", "late"]]);
    await one.create(name, "anew");
    expect(await one.occasions(name, 10)).toEqual([]);
    expect(await one.knownEntries(name)).toEqual(new Map());
    expect(await one.running()).toEqual([]);
  });
}
