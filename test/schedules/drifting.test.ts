import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { acceptDifference, explain } from "../../src/schedules/explain.ts";
import type { OnDrift } from "../../src/schedules/schedule.ts";
import { DAY, type KeeperWorld, setUpKeeperWorld } from "./keeper-world.ts";
import { oneBackend } from "./one-backend.ts";

const backend = oneBackend();
let world: KeeperWorld;
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

/** A registry that a list was applied to, and then somebody renamed the first person in the registry. */
async function setUp(onDrift: OnDrift) {
  world = await setUpKeeperWorld(backend(), { size: 20 });
  await world.list(world.people());
  const name = await world.add({ onDrift });
  let time = Date.parse("2026-03-03T02:00:00Z");
  const night = async (): Promise<void> => {
    await world.pass(time);
    time += DAY;
  };
  await night();
  const [first, second] = world.people() as [
    ReturnType<KeeperWorld["people"]>[number],
    ReturnType<KeeperWorld["people"]>[number],
  ];
  const drift = (who: string): void => void Object.assign(world.api.registry.get(first.id)!, { name: who });
  drift("Drifted");
  const list = world.people().map((person) => (person.id === first.id ? { ...first } : person));
  return { ...world, name, night, first, second, drift, desired: list };
}

test("puts right what somebody changed in the registry, and says that it was that", async () => {
  const { name, night, first, api, occasions, backend: home } = await setUp("fix");
  await night();
  const [done] = await occasions(name);
  expect(done).toMatchObject({ state: "done", changes: 1, counts: { registryDrifted: 1, sourceChanged: 0 } });
  expect(api.registry.get(first.id)!.name).toBe(first.name);
  const rows = await Array.fromAsync(home.rows.all(done!.run!));
  expect(rows.flatMap(({ drift = [] }) => drift)).toEqual([
    { cause: "registry_drifted", applied: { name: "Person 0" } },
  ]);
  expect(rows.flatMap(({ warnings = [] }) => warnings)).toEqual([]);
  const folder = join(world.folder, "reports", done!.run!);
  const changed = 'name was "Person 0" when it was last applied, and somebody made it "Drifted"';
  expect(await readFile(join(folder, "report.csv"), "utf8")).toContain(changed.replaceAll('"', '""'));
  const page = await readFile(join(folder, "report.html"), "utf8");
  expect(page).toContain("<h2>Changed in the registry</h2>");
  expect(page).not.toContain("<h2>Warnings</h2>");
});

test("only reports it, and sends what the list changed beside it", async () => {
  const { name, night, first, second, api, newest, occasions, list, desired } = await setUp("report");
  await night();
  expect(await newest(name)).toEqual({ state: "drift", reason: null, changes: 0 });
  await list(desired.map((person) => (person.id === second.id ? { ...person, name: "From the list" } : person)));
  await night();
  expect((await occasions(name, 1))[0]).toMatchObject({
    state: "done",
    changes: 1,
    counts: { registryDrifted: 1, sourceChanged: 1, leftAlone: 1 },
  });
  expect(api.registry.get(first.id)!.name).toBe("Drifted");
  expect(api.registry.get(second.id)!.name).toBe("From the list");
});

test("holds it until somebody decides", async () => {
  const { name, night, newest, schedule } = await setUp("hold");
  await night();
  expect(await newest(name)).toEqual({ state: "held", reason: "drift", changes: 1 });
  expect((await schedule(name)).held!.rows).toEqual([2]);
});

test("knows a change of the list from one of the registry, and from both", async () => {
  const { name, night, first, occasions, list, desired } = await setUp("fix");
  await list(desired.map((person) => (person.id === first.id ? { ...person, name: "From the list" } : person)));
  await night();
  expect((await occasions(name, 1))[0]).toMatchObject({ counts: { bothChanged: 1, registryDrifted: 0 } });
  await list(desired);
  await night();
  expect((await occasions(name, 1))[0]).toMatchObject({ counts: { sourceChanged: 1, bothChanged: 0 } });
});

test("explains how one person fares, and writes nothing", async () => {
  const { name, first, keeper, requests } = await setUp("fix");
  requests();
  const { rows, entries } = await explain(keeper(), name, first.email.toUpperCase());
  expect(requests()).toEqual({ GET: 1, PATCH: 0 });
  expect(entries).toEqual([{ id: first.id, email: first.email, name: "Drifted" }]);
  expect(rows).toMatchObject([{ row: 2, entryId: first.id, outcome: "update" }]);
  expect(rows[0]!.fields.find(({ field }) => field === "name")).toEqual({
    field: "name",
    listed: "Person 0",
    found: "Drifted",
    lastApplied: "Person 0",
    cause: "registry_drifted",
    leftAlone: false,
  });
  expect(rows[0]!.fields.find(({ field }) => field === "comments")).toMatchObject({ listed: "floor 0", cause: null });
});

test("leaves an accepted difference until its date, and no other one", async () => {
  const { name, night, first, drift, keeper, newest, occasions, api, clock } = await setUp("fix");
  const until = clock.now + 3 * DAY;
  await acceptDifference(keeper(), name, { email: first.email, until, reason: "on leave" });
  await night();
  expect(await newest(name)).toEqual({ state: "in_sync", reason: null, changes: 0 });
  expect((await occasions(name, 1))[0]!.counts).toMatchObject({ accepted: 1, registryDrifted: 0 });
  drift("Another difference");
  await night();
  expect(await newest(name)).toMatchObject({ state: "done", changes: 1 });
  drift("Drifted");
  await night();
  expect(await newest(name)).toMatchObject({ state: "done", changes: 1 });
  expect(api.registry.get(first.id)!.name).toBe(first.name);
  await expect(
    acceptDifference(keeper(), name, { email: first.email, until: clock.now + DAY, reason: "x" }),
  ).rejects.toMatchObject({ code: "nothing_differs" });
});

test("tries a row that the API refused for good again once row or entry changed in any way, and not before", async () => {
  const { name, night, first, api, occasions, requests, folder, people } = await setUp("fix");
  api.script({
    method: "PATCH",
    entryId: first.id,
    times: 99,
    answer: { status: 400, code: 10_999, message: "not today" },
  });
  const rest = people().slice(1);
  const write = (wanted: string, floor: string): Promise<void> =>
    writeFile(
      join(folder, "list.csv"),
      ["id,name,Floor", `${first.id},${wanted},${floor}`, ...rest.map((p) => `${p.id},${p.name},2`), ""].join("\n"),
    );
  const sent = async (): Promise<number> => {
    requests();
    await night();
    return requests().PATCH;
  };
  const entry = api.registry.get(first.id)!;

  await write("Wanted", "1");
  expect(await sent(), "first").toBe(1);
  const run = (await occasions(name, 1))[0]!.run!;
  expect(await sent(), "nothing changed").toBe(0);
  expect((await occasions(name, 1))[0]).toMatchObject({ state: "in_sync", counts: { rejected: 1 } });
  const { rows } = await explain(world.keeper(), name, first.email);
  expect(rows[0]!.message).toBe(`not tried again while row and entry are as in run ${run}: not today`);

  await write("Wanted otherwise", "1");
  expect(await sent(), "what is sent").toBe(1);
  await write("Wanted otherwise", "3");
  expect(await sent(), "a cell that is not sent").toBe(1);
  Object.assign(entry, { name: "Renamed" });
  expect(await sent(), "a compared value of the entry").toBe(1);
  Object.assign(entry, { directory_id: 7, modified_at: "2026-03-20T00:00:00Z" });
  expect(await sent(), "another value of the entry").toBe(1);
  Object.assign(entry, { provenance: "SNOOPY-GOOGLE_DIRECTORY" });
  expect(await sent(), "synced from a directory").toBe(0);
  expect(await sent(), "still").toBe(0);
  Object.assign(entry, { provenance: "A1S_INTERNAL", modified_at: "2026-03-21T00:00:00Z" });
  expect(await sent(), "synced no more").toBe(1);
  expect(await sent(), "nothing changed since").toBe(0);
});

test("counts and lists what only the list and only the registry has, and touches neither", async () => {
  world = await setUpKeeperWorld(backend(), { size: 20 });
  const { list, people, add, pass, occasions, requests } = world;
  const before = people();
  const stranger = { id: "00000000-0000-4000-8000-000000000001", email: "new@example.com", name: "New", comments: "" };
  await list([...before.slice(0, 18), stranger]);
  const name = await add();
  requests();
  await pass("2026-03-03T02:00:00Z");
  // The page, and a look for the id that it lacks.
  expect(requests()).toEqual({ GET: 2, PATCH: 0 });
  const [occasion] = await occasions(name, 1);
  expect(occasion).toMatchObject({
    state: "in_sync",
    message: "1 row of the list not in the registry; 2 entries of the registry not in the list",
    counts: { notInRegistry: 1, notInList: 2, rowsNotInRegistry: [{ row: 20 }] },
  });
  expect(occasion!.counts!.entriesNotInList.map(({ email }) => email)).toEqual([
    "person18@example.com",
    "person19@example.com",
  ]);
});
