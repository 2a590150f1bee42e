import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type KeeperWorld, setUpKeeperWorld } from "./keeper-world.ts";
import { oneBackend } from "./one-backend.ts";

const backend = oneBackend();
let world: KeeperWorld;
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

const STRANGER = "00000000-0000-4000-8000-000000000000";

async function bothFiles(folder: string): Promise<string[][]> {
  const texts = ["not-in-registry.csv", "not-in-list.csv"].map((name) => readFile(join(folder, name), "utf8"));
  return (await Promise.all(texts)).map((text) => text.replace("\uFEFF", "").trimEnd().split("\r\n"));
}

test("what only one of the two has is listed in full: with a run in its folder, else in the schedule's", async () => {
  world = await setUpKeeperWorld(backend(), { size: 250 });
  const { people, add, pass, occasions, folder, api } = world;
  const all = people();
  api.registry.get(all[1]!.id)!.name = '=HYPERLINK("https://evil.example")';
  /** 120 of the 250; one of them can't be used, and is mentioned all the same. */
  const list = async (comment: string): Promise<void> => {
    const rows = all.slice(130).map(({ id, email, name, comments }, n) => {
      if (n === 0) return `${id},no address,${name},${comments}`;
      return `${id},${email},${name},${n === 1 ? comment : comments}`;
    });
    await writeFile(
      join(folder, "list.csv"),
      `id,email,name,comments\n${rows.join("\n")}\n${STRANGER},eve@example.com,=Eve,\n`,
    );
  };
  await list(all[131]!.comments);
  const name = await add();
  await pass("2026-03-03T02:00:00Z");
  const [quiet] = await occasions(name);
  expect(quiet).toMatchObject({
    state: "in_sync",
    leftOversDir: join(folder, "reports", name),
    counts: { notInRegistry: 1, notInList: 130, rejected: 1 },
  });
  expect(quiet!.counts!.entriesNotInList).toHaveLength(100);
  const [rows, entries] = await bothFiles(quiet!.leftOversDir!);
  expect(rows).toEqual([
    "row,message,id,email,name,comments",
    expect.stringMatching(new RegExp(`^122,.*,${STRANGER},eve@example\\.com,'=Eve,$`)),
  ]);
  expect(entries).toHaveLength(131);
  expect(entries![2]).toBe(`${all[1]!.id},person1@example.com,"'=HYPERLINK(""https://evil.example"")"`);
  expect(entries!.join()).not.toContain(all[130]!.id);
  expect((await stat(join(quiet!.leftOversDir!, "not-in-list.csv"))).mode & 0o777).toBe(0o600);

  await list("moved");
  await pass("2026-03-04T02:00:00Z");
  const [done] = await occasions(name);
  expect(done).toMatchObject({ state: "done", leftOversDir: join(folder, "reports", done!.run!) });
  expect((await bothFiles(done!.leftOversDir!))[1]).toHaveLength(131);
});
