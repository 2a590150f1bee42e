import { describe, expect, it } from "vitest";
import type { DemoApiOptions } from "../../src/demo/demo-api.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { lookUp, type LookUpOptions, Wanted } from "../../src/plan/look-up.ts";
import { registryForTest } from "./registry-for-test.ts";

const ENTRIES = sampleRegistry({ size: 250, seed: 9, syncedShare: 0 });
const IDS = ENTRIES.map(({ id }) => id);
const unknown = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const unknowns = (count: number): string[] => Array.from({ length: count }, (_, n) => unknown(n));

/** Looks up these ids (and an address, where asked) in a registry on pages of 100. */
async function lookUpIds(
  ids: string[],
  api: DemoApiOptions = {},
  { byAddress = false, ...options }: Partial<LookUpOptions> & { byAddress?: boolean } = {},
) {
  const opened = await registryForTest({ entries: ENTRIES, maxPerPage: 100, overMaxPerPage: "cap", ...api });
  const wanted = new Wanted();
  for (const id of ids) wanted.addEntry(id, { name: "x" });
  wanted.byAddress = byAddress;
  const view = await lookUp(opened.registry, wanted, {
    noPlan: false,
    needSize: false,
    ids: async function* () {
      yield* ids;
    },
    ...options,
  });
  const find = (id: string): string => view.find({ by: "id", id }).kind;
  return { view, sent: opened.sent(), find };
}

describe("ids that the listing lacks", () => {
  it("are looked up before they count as not found", async () => {
    const unlisted = [IDS[3]!, IDS[200]!];
    const { view, find, sent } = await lookUpIds([...IDS, unknown(1)], { unlisted });
    expect(IDS.map(find)).toEqual(IDS.map(() => "one"));
    expect(find(unknown(1))).toBe("none");
    expect(view).toMatchObject({ unlisted: 2, registrySize: 250 });
    expect(sent).toBe(3 + 3);
  });

  it("are believed to be gone when none of twenty exists", async () => {
    const { find, sent, view } = await lookUpIds([...IDS, ...unknowns(450)]);
    expect(unknowns(450).map(find)).toEqual(unknowns(450).map(() => "none"));
    expect(sent).toBe(3 + 20);
    expect(view.unlisted).toBe(0);
  });

  it("are looked up on and on while some of them exist", async () => {
    const unlisted = [IDS[0]!, IDS[1]!];
    const ids = [IDS[0]!, ...unknowns(30), IDS[1]!, ...unknowns(100), ...IDS.slice(2)];
    const { find, sent } = await lookUpIds(ids, { unlisted });
    expect([find(IDS[0]!), find(IDS[1]!)]).toEqual(["one", "one"]);
    expect(sent).toBe(3 + 60);
  });

  it("are no one's business where nothing is compared", async () => {
    const { find, sent } = await lookUpIds([IDS[0]!, unknown(1)], {}, { noPlan: true, byAddress: true });
    expect([find(IDS[0]!), find(unknown(1))]).toEqual(["one", "unseen"]);
    expect(sent).toBe(3);
  });
});

it("without comparing, any number of ids needs no request", async () => {
  const many = unknowns(6_000);
  const { find, sent } = await lookUpIds(many, {}, { noPlan: true });
  expect(new Set(many.map(find))).toEqual(new Set(["unseen"]));
  expect(sent).toBe(0);
});

describe("the registry's size", () => {
  it("takes a page where the API says it", async () => {
    const { view, sent } = await lookUpIds([IDS[0]!, IDS[1]!], {}, { needSize: true });
    expect({ size: view.registrySize, sent }).toEqual({ size: 250, sent: 1 + 2 });
  });

  it("is what was listed, where it does not", async () => {
    for (const noPlan of [true, false]) {
      const { view } = await lookUpIds([IDS[0]!], { resultInfo: "absent" }, { needSize: true, noPlan });
      expect(view.registrySize).toBe(250);
    }
  });
});

it("keeps of an entry what rows need", async () => {
  const entries = structuredClone(ENTRIES);
  Object.assign(entries[5]!, { name: "Zoë", comments: "not compared", is_email_regex: true });
  const { view } = await lookUpIds([...IDS], { entries });
  const { id, email, provenance, modified_at } = entries[5]!;
  expect(view.find({ by: "id", id: id.toUpperCase() })).toEqual({
    kind: "one",
    entry: {
      id,
      email,
      name: "Zoë",
      is_email_regex: true,
      provenance,
      modified_at,
      comments: null,
      created_at: undefined,
      directory_id: null,
      directory_node_id: null,
      external_directory_node_id: null,
    },
  });
  expect([...view.entries()].map((entry) => entry.id).toSorted()).toEqual(IDS.toSorted());
});
