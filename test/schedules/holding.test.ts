import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { approveSchedule, rejectSchedule } from "../../src/schedules/control-schedule.ts";
import type { Notice } from "../../src/schedules/notify/notice.ts";
import { DEFAULT_NOTIFY_ON } from "../../src/schedules/notify/notify-on.ts";
import { DAY, HOUR, type KeeperWorld, type Person, setUpKeeperWorld } from "./keeper-world.ts";
import { oneBackend } from "./one-backend.ts";

const backend = oneBackend();
let world: KeeperWorld;
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

/** A registry of a hundred, a list that is equal to it, and one night on which they were found so. */
async function setUp(size = 100): Promise<KeeperWorld & { name: string; night: () => Promise<void> }> {
  world = await setUpKeeperWorld(backend(), { size });
  await world.list(world.people());
  const name = await world.add();
  let time = Date.parse("2026-03-03T02:00:00Z");
  const night = async (): Promise<void> => {
    await world.pass(time);
    time += DAY;
  };
  await night();
  world.requests();
  return { ...world, name, night };
}

function renamed(people: Person[], count: number, how = "New"): Person[] {
  return people.map((person, n) => (n < count ? { ...person, name: `${how} ${n}` } : person));
}

async function decide(
  name: string,
  decision: typeof approveSchedule,
  digest?: string,
): Promise<Awaited<ReturnType<typeof approveSchedule>>> {
  const held = digest ?? (await world.schedule(name)).held!.digest!;
  return await decision(backend().schedules, name, held, { by: "bob@desk", now: world.clock.now });
}

describe("what holds a schedule", () => {
  test("more changes than the share allows, with the numbers and the rows", async () => {
    const { name, night, list, people, newest, schedule, requests, notices } = await setUp();
    await list(renamed(people(), 21));
    await night();
    expect(await newest(name)).toEqual({ state: "held", reason: "max_changes", changes: 21 });
    const { held } = await schedule(name);
    expect(held!.message).toBe("21 entries of 100 would change, and the limit is 20 (20%)");
    expect(held!.rows).toEqual(Array.from({ length: 21 }, (_, n) => n + 2));
    expect(held!.shown[0]).toBe('row 2, person0@example.com: name: "Person 0" → "New 0"');
    expect(requests()).toEqual({ GET: 1, PATCH: 0 });
    expect(notices.map(({ kind }) => kind)).toEqual(["held"]);
  });

  test("a number of changes beside the share, whichever is less", async () => {
    world = await setUpKeeperWorld(backend(), { size: 100 });
    const { list, people, add, pass, newest, schedule } = world;
    await list(renamed(people(), 6));
    const name = await add({ limits: { changes: 5, changesPercent: 50 } });
    await pass("2026-03-03T02:00:00Z");
    expect(await newest(name)).toMatchObject({ state: "held", reason: "max_changes" });
    expect((await schedule(name)).held!.message).toBe("6 entries of 100 would change, and the limit is 5");
  });

  test("an emptied, a halved and a column-shifted export; and it goes on by itself when the export is right again", async () => {
    const { name, night, list, people, newest, schedule, folder, requests } = await setUp();
    const before = people();
    await list([]);
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_empty" });
    expect((await schedule(name)).held!.message).toMatch(
      /found none; the largest that was accepted lately had 100 rows$/,
    );
    await expect(decide(name, approveSchedule, "0".repeat(64))).rejects.toMatchObject({ code: "no_plan" });
    await list(before.slice(0, 50));
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_shrunken" });
    expect((await schedule(name)).held!.message).toBe(
      "the source has 50 rows and had 100 among the last seven accepted ones: 50% less, and the limit is 20%",
    );
    const shifted = before.map(({ email, name: who, comments, id }) => `${email},${who},${comments},${id}\n`).join("");
    await writeFile(join(folder, "list.csv"), `id,email,name,comments\n${shifted}`);
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_shrunken" });
    const { held } = await schedule(name);
    expect(held!.message).toContain("the source has 0 usable rows and had 100");
    expect(held!.rows).toHaveLength(100);
    expect(held!.shown[0]).toMatch(/^row 2: column "id"/);
    await writeFile(join(folder, "list.csv"), before.map(({ email, name: who }) => `${who};${email}\n`).join(""));
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_columns" });
    await writeFile(join(folder, "list.csv"), "<!doctype html><html><body>Please log in</body></html>");
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_unusable" });
    await writeFile(join(folder, "list.csv"), "");
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_empty" });
    expect(requests().PATCH).toBe(0);
    await list(renamed(before, 1));
    await night();
    expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 1 });
    expect((await schedule(name)).held).toBeNull();
  });

  test("a list that shrinks a little every night, by the largest of the last seven", async () => {
    const { name, night, list, people, occasions } = await setUp();
    for (const rows of [94, 88, 82, 76]) {
      await list(people().slice(0, rows));
      await night();
    }
    expect((await occasions(name)).map(({ state }) => state).toReversed()).toEqual([
      "in_sync",
      "in_sync",
      "in_sync",
      "in_sync",
      "held",
    ]);
  });

  test("one person swapped for another, however few change", async () => {
    const { name, night, list, people, newest, schedule } = await setUp();
    const swapped = people().map((person, n) =>
      n === 7
        ? { ...person, name: "Mallory", email: "mallory@example.com" }
        : n === 8
          ? { ...person, name: "New" }
          : person,
    );
    await list(swapped);
    await night();
    expect(await newest(name)).toEqual({ state: "held", reason: "identity_swap", changes: 2 });
    expect((await schedule(name)).held!.rows).toEqual([9]);
  });

  test("not a name and an address that differ in letter case only", async () => {
    const { name, night, list, people, newest } = await setUp();
    await list(
      people().map((person, n) => (n === 0 ? { ...person, name: "PERSON  0", email: "Person0@Example.com" } : person)),
    );
    await night();
    expect((await newest(name)).state).toBe("done");
  });

  test("a slow drip of 15 % a night in the fourth night, and waiting does not let it through", async () => {
    const { name, night, list, people, occasions, schedule } = await setUp();
    const ended = async (): Promise<string[]> =>
      (await occasions(name)).map(({ state, reason }) => reason ?? state).toReversed();
    for (let n = 0; n < 5; n++) {
      await list(
        people().map((person, at) => (at >= n * 15 && at < (n + 1) * 15 ? { ...person, name: `Drip ${at}` } : person)),
      );
      await night();
    }
    expect(await ended()).toEqual(["in_sync", "done", "done", "done", "max_changes_week", "max_changes_week"]);
    expect((await schedule(name)).held!.message).toContain(
      "15 entries would change after 45 in the seven days before, and the limit is 50 of 100 (50%)",
    );
    for (let n = 0; n < 9; n++) await night();
    expect((await ended()).slice(6)).toEqual(Array.from({ length: 9 }, () => "max_changes_week"));
  });

  test("a list that has not changed for longer than it may", async () => {
    world = await setUpKeeperWorld(backend(), { size: 20 });
    const { list, people, add, pass, newest, folder } = world;
    await list(people());
    const name = await add({ limits: { staleAfterMs: 36 * HOUR } });
    const touched = new Date("2026-03-02T12:00:00Z");
    await utimes(join(folder, "list.csv"), touched, touched);
    await pass("2026-03-03T02:00:00Z");
    expect((await newest(name)).state).toBe("in_sync");
    await pass("2026-03-04T02:00:00Z");
    expect(await newest(name)).toMatchObject({ state: "held", reason: "source_stale" });
  });
});

test("a list that is not there fails its occasion and not the next one", async () => {
  const { name, night, list, people, newest, schedule, folder, notices } = await setUp();
  const before = people();
  const { settings } = await schedule(name);
  expect(settings.source.address).toBe(join(folder, "list.csv"));
  await rename(join(folder, "list.csv"), join(folder, "away.csv"));
  await night();
  expect(await newest(name)).toMatchObject({ state: "failed", reason: "source_unreachable" });
  await list(renamed(before, 2));
  await night();
  expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 2 });
  expect(notices.map(({ kind }) => kind)).toEqual(["failed", "recovered"]);
});

test("credentials that do not work fail the occasion", async () => {
  const { name, night, newest, api } = await setUp();
  api.set({ token: "another-token-0123456789" });
  await night();
  expect(await newest(name)).toMatchObject({ state: "failed" });
});

describe("a decision", () => {
  test("lets exactly the plan of the digest through, once, and says who", async () => {
    const { name, night, list, people, newest, schedule, pass, clock, occasions, requests } = await setUp();
    await list(renamed(people(), 40));
    await night();
    await expect(decide(name, approveSchedule, "f".repeat(64))).rejects.toMatchObject({ code: "digest_changed" });
    await decide(name, approveSchedule);
    await pass(clock.now + 15_000);
    expect(await newest(name)).toEqual({ state: "done", reason: null, changes: 40 });
    const [occasion] = await occasions(name, 1);
    expect(occasion).toMatchObject({ approvedBy: { by: "bob@desk" }, askedBy: "bob@desk" });
    expect((await backend().runs.get(occasion!.run!))!.source.digest).toBe(occasion!.digest);
    expect(await schedule(name)).toMatchObject({ held: null, approved: null });
    expect(requests().PATCH).toBe(40);
    // What was approved does not count as a drip, and no approval is left over.
    await list(renamed(people(), 41, "Other"));
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "max_changes" });
    await list(renamed(people(), 20, "Other"));
    await night();
    expect(await newest(name)).toMatchObject({ state: "done", changes: 20 });
  });

  test("is void when the list or the registry changed since", async () => {
    const { name, night, list, people, newest, schedule, pass, clock, api, requests } = await setUp();
    await list(renamed(people(), 40));
    await night();
    const before = (await schedule(name)).held!.digest;
    await decide(name, approveSchedule);
    Object.assign(api.registry.get(people()[3]!.id)!, { name: "Somebody was faster" });
    await pass(clock.now + 15_000);
    expect(await newest(name)).toMatchObject({ state: "held", reason: "max_changes" });
    const { held, approved } = await schedule(name);
    expect(held!.digest).not.toBe(before);
    expect(held!.message).toContain("it is not the plan that was approved");
    expect(approved).toBeNull();
    await decide(name, approveSchedule);
    await pass(clock.now + 15_000);
    expect(await newest(name)).toMatchObject({ state: "done", changes: 40 });
    expect(requests().PATCH).toBe(40);
  });

  test("drops a plan; the same plan is held again and not told again", async () => {
    const { name, night, list, people, newest, schedule, notices } = await setUp();
    await list(renamed(people(), 40));
    await night();
    await decide(name, rejectSchedule);
    expect(await schedule(name)).toMatchObject({ held: null, rejected: { by: "bob@desk" } });
    await expect(decide(name, approveSchedule, "0".repeat(64))).rejects.toMatchObject({ code: "not_held" });
    await night();
    expect(await newest(name)).toMatchObject({ state: "held", reason: "max_changes" });
    expect((await schedule(name)).held!.message).toContain("it is the plan that bob@desk rejected");
    expect(notices.map(({ kind }) => kind)).toEqual(["held"]);
  });
});

test("tells of a hold once, and again when its reason changes", async () => {
  const { night, list, people, notices } = await setUp();
  const before = people();
  await list(renamed(before, 40));
  await night();
  await night();
  await list(before.slice(0, 30));
  await night();
  expect(notices.map(({ title }) => title.slice(0, 60))).toEqual([
    expect.stringContaining("40 entries of 100"),
    expect.stringContaining("the source has 30 rows"),
  ]);
});

test("pauses itself after four weeks of a hold that nobody decides on, and tells of it once", async () => {
  const { name, night, list, people, schedule, occasions, notices } = await setUp();
  await list(renamed(people(), 40));
  for (let n = 0; n < 30; n++) await night();
  expect((await schedule(name)).paused).toMatchObject({ by: "bulkpatch" });
  expect((await occasions(name)).slice(0, 3).map(({ state, reason }) => [state, reason])).toEqual([
    ["skipped", "paused"],
    ["skipped", "paused"],
    ["held", "max_changes"],
  ]);
  const [told, paused, ...others] = notices as [Notice, Notice, ...Notice[]];
  expect(others).toEqual([]);
  expect(told.title).toBe(`Schedule ${name}: held (40 entries of 100 would change, and the limit is 20 (20%))`);
  expect(paused).toMatchObject({
    kind: "held",
    about: "schedule",
    title: `Schedule ${name} paused itself: held for four weeks, and nobody decided (40 entries of 100 would change, and the limit is 20 (20%))`,
    data: {
      schedule: { state: "paused", held: { reason: "max_changes" }, paused: { by: "bulkpatch" } },
      occasion: { state: "held", reason: "max_changes" },
    },
  });
  expect(paused.details[0]).toBe("nothing is planned or sent any more until it is resumed");
});

test("tells nobody of a pause who does not want to hear of holds", async () => {
  world = await setUpKeeperWorld(backend(), { size: 20 });
  const { list, people, add, pass, schedule, notices, clock } = world;
  await list(renamed(people(), 15));
  const notify = { addresses: ["https://hooks.test/"], heartbeat: null, allowPrivateAddress: false };
  const name = await add({ notify: { ...notify, on: { ...DEFAULT_NOTIFY_ON, kinds: ["failed"] } } });
  await pass("2026-03-03T02:00:00Z");
  await pass(clock.now + 28 * DAY);
  expect((await schedule(name)).paused).not.toBeNull();
  expect(notices).toEqual([]);
});

test("holds only the schedule itself", async () => {
  const { name, night, list, people, newest, add, folder } = await setUp();
  const before = people();
  await list(renamed(before, 40));
  const rows = renamed(before, 2, "Other").slice(0, 2);
  await writeFile(join(folder, "other.csv"), `id,name\n${rows.map((row) => `${row.id},${row.name}\n`).join("")}`);
  const other = await add({
    source: { address: join(folder, "other.csv"), host: "here", read: {}, tokenFrom: null },
    cron: "45 2 * * *",
  });
  await night();
  expect((await newest(name)).state).toBe("held");
  expect(await newest(other)).toEqual({ state: "done", reason: null, changes: 2 });
});
