import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/demo/random.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { ListingUnstableError, overlappingPage, type ListProgress } from "../../src/registry/listing.ts";
import type { DemoApiOptions } from "../../src/demo/demo-api.ts";
import { describeOdd } from "../../src/registry/entry.ts";
import { openRegistry } from "./open-registry.ts";

const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id).toSorted();
const registryOf = (size: number, seed = 1) => sampleRegistry({ size, seed });

function newEntry(n: number): DemoEntry {
  const entry = registryOf(1, 50_000 + n)[0]!;
  return { ...entry, created_at: new Date(Date.UTC(2030, 0, 1) + n * 1000).toISOString() };
}

describe("listing", () => {
  test.each([
    [0, 1000],
    [1, 1000],
    [999, 1000],
    [1000, 1000],
    [1001, 1000],
    [3000, 1000],
    [500, 100],
    [333, 25],
  ])("gives each of %i entries once, on pages of at most %i", async (size, maxPerPage) => {
    for (const overMaxPerPage of ["cap", "refuse"] as const) {
      if (overMaxPerPage === "refuse" && maxPerPage === 25) continue;
      const { client, api } = await openRegistry({ entries: registryOf(size), maxPerPage, overMaxPerPage });
      const listed = await Array.fromAsync(client.list());
      expect(idsOf(listed)).toEqual(idsOf(api.entries()));
    }
  });

  test("falls back when 1,000 a page are refused", async () => {
    const { client, api } = await openRegistry({ entries: registryOf(60), maxPerPage: 50, overMaxPerPage: "refuse" });
    expect(await Array.fromAsync(client.list())).toHaveLength(60);
    const sizes = api.requests().map(({ path }) => /per_page=(\d+)/.exec(path)![1]);
    expect(sizes).toEqual(["1000", "100", "50", "49"]);
  });

  test("of 10,000 entries takes 11 requests", async () => {
    const { client, api } = await openRegistry({ entries: registryOf(10_000) });
    let listed = 0;
    for await (const _entry of client.list()) listed++;
    expect(listed).toBe(10_000);
    expect(api.requests()).toHaveLength(11);
  });

  test("tells how far it is, page by page", async () => {
    const { client } = await openRegistry({ entries: registryOf(250), maxPerPage: 100, overMaxPerPage: "cap" });
    const progress: ListProgress[] = [];
    await Array.fromAsync(client.list({ onProgress: (one) => progress.push(one) }));
    expect(progress).toEqual([
      { entries: 100, total: 250, pagesLeft: 2 },
      { entries: 198, total: 250, pagesLeft: 1 },
      { entries: 250, total: 250, pagesLeft: 0 },
    ]);
  });

  test("can be left in the middle, and stopped", async () => {
    const { client, api } = await openRegistry({ entries: registryOf(250), maxPerPage: 100, overMaxPerPage: "cap" });
    for await (const _entry of client.list()) break;
    expect(api.requests()).toHaveLength(1);
    const stopped = Array.fromAsync(client.list({ signal: AbortSignal.abort(new Error("enough")) }));
    await expect(stopped).rejects.toThrow("enough");
  });
});

/** Lists while the registry is changed after each page. */
async function listWhile(
  size: number,
  maxPerPage: number,
  change: (registry: Map<string, DemoEntry>, page: number) => void,
) {
  const { client, api } = await openRegistry({ entries: registryOf(size), maxPerPage, overMaxPerPage: "cap" });
  const before = idsOf(api.entries());
  let pages = 0;
  const listed = await Array.fromAsync(client.list({ onProgress: () => change(api.registry, ++pages) }));
  return { before, after: idsOf(api.entries()), listed: idsOf(listed), requests: api.requests().length };
}

const isMissing = (listed: string[]) => (id: string) => !listed.includes(id);

describe("a listing that changes while it is read", () => {
  test("loses nothing when earlier entries are removed", async () => {
    const { after, listed } = await listWhile(300, 50, (registry, page) => {
      if (page % 2 === 0 && page < 5) for (const id of [...registry.keys()].slice(0, 7)) registry.delete(id);
    });
    expect(after.filter(isMissing(listed))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test("loses nothing when as many are added as are removed", async () => {
    const { after, before, listed } = await listWhile(300, 50, (registry, page) => {
      if (page > 3) return;
      registry.delete([...registry.keys()][0]!);
      registry.set(newEntry(page).id, newEntry(page));
    });
    const stayed = before.filter((id) => after.includes(id));
    expect(stayed.filter(isMissing(listed))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test("loses nothing when entries are edited and move in every other order", async () => {
    const { after, listed } = await listWhile(300, 50, (registry) => {
      for (const entry of [...registry.values()].slice(0, 20)) entry.name = `A ${entry.name}`;
    });
    expect(listed).toEqual(after);
  });

  test("reads again when entries change places", async () => {
    const random = seededRandom(6);
    const { after, listed, requests } = await listWhile(200, 50, (registry, page) => {
      if (page !== 2) return;
      const times = random.shuffle([...registry.values()].map((entry) => entry.created_at));
      for (const [i, entry] of [...registry.values()].entries()) entry.created_at = times[i]!;
    });
    expect(listed).toEqual(after);
    expect(requests).toBeGreaterThan(6);
  });

  test("gives up with a clear word when it never stands still", async () => {
    let n = 0;
    const error = await listWhile(300, 50, (registry) => {
      for (const id of [...registry.keys()].slice(0, 60)) registry.delete(id);
      for (let i = 0; i < 60; i++) registry.set(newEntry(++n).id, newEntry(n));
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ListingUnstableError);
    expect((error as Error).message).toMatch(
      /^listing the registry: it changed during each of 5 readings; \d+ different entries of 300 were seen$/,
    );
  });

  test("never loses an entry that was there all the time, whatever else comes and goes", async () => {
    const changes = fc.array(
      fc.record({ remove: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 6 }), add: fc.nat(6) }),
      { maxLength: 6 },
    );
    let n = 1000;
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 20, max: 60 }), async (steps, maxPerPage) => {
        const { before, after, listed } = await listWhile(150, maxPerPage, (registry, page) => {
          const step = steps[page - 1];
          if (step === undefined) return;
          for (const share of step.remove) registry.delete([...registry.keys()][Math.floor(share * registry.size)]!);
          for (let i = 0; i < step.add; i++) registry.set(newEntry(++n).id, newEntry(n));
        });
        const stayed = before.filter((id) => after.includes(id));
        expect(stayed.filter(isMissing(listed))).toEqual([]);
        expect(new Set(listed).size).toBe(listed.length);
      }),
      { numRuns: 40, seed: 12 },
    );
  });
});

const pageOf = (ids: string[], info?: object) =>
  JSON.stringify({ success: true, result: ids.map((id) => ({ id })), result_info: info });

describe("a server that pages in its own way", () => {
  test("does not make it loop: the same page again and again is an error", async () => {
    const { client, api } = await openRegistry();
    const body = pageOf(["a", "b"], { page: 1, per_page: 2, total_count: 9 });
    api.script({ times: 1000, answer: { status: 200, body } });
    await expect(Array.fromAsync(client.list())).rejects.toThrow(/2 different entries of 9 were seen/);
    expect(api.requests().length).toBeLessThan(20);
  });

  test("may leave out how many there are", async () => {
    const { client, api } = await openRegistry();
    for (const ids of [["a", "b", "c"], ["c", "d"], ["d"]]) {
      api.script({ answer: { status: 200, body: pageOf(ids, { per_page: ids.length }) } });
    }
    expect(idsOf(await Array.fromAsync(client.list()))).toEqual(["a", "b", "c", "d"]);
    expect(api.requests()).toHaveLength(3);
  });
});

async function list(options: DemoApiOptions) {
  const { client, api } = await openRegistry({ maxPerPage: 50, overMaxPerPage: "cap", ...options });
  return { listed: await Array.fromAsync(client.list()), requests: api.requests().length };
}

describe("a listing that is not as it should be", () => {
  test.each([50, 75, 100, 149])(
    "goes on until a page is not full, though it counts %i entries too few",
    async (short) => {
      const { listed, requests } = await list({ entries: registryOf(150), countedShort: short });
      expect(idsOf(listed)).toEqual(idsOf(registryOf(150)));
      expect(requests).toBe(4);
    },
  );

  test("is believed that counts too many, once a second reading shows the same", async () => {
    const { listed, requests } = await list({ entries: registryOf(120), countedShort: -7 });
    expect(idsOf(listed)).toEqual(idsOf(registryOf(120)));
    expect(requests).toBe(6);
  });

  test.each(["text", "absent"] as const)("is read whose numbers come as %s", async (resultInfo) => {
    const { listed } = await list({ entries: registryOf(120), resultInfo });
    expect(idsOf(listed)).toEqual(idsOf(registryOf(120)));
  });

  test("gives all entries although some can't be read, and names what is odd", async () => {
    const entries = registryOf(120);
    const spoil = (n: number, fields: object) => Object.assign(entries[n]!, fields);
    spoil(3, { directory_id: "17" });
    spoil(60, { name: { first: "Ann" }, modified_at: 5 });
    spoil(119, { id: 9 });
    const { listed } = await list({ entries });
    expect(listed).toHaveLength(120);
    const odd = listed.filter((entry) => entry.odd !== undefined);
    expect(odd.map(({ id, odd: fields }) => [id, ...fields!.map(describeOdd)])).toEqual([
      [entries[3]!.id, 'directory_id is "17", where a number or null was expected'],
      [
        entries[60]!.id,
        'name is {"first":"Ann"}, where text was expected',
        "modified_at is 5, where text was expected",
      ],
      ["", "id is 9, where text was expected"],
    ]);
  });
});

test("the next page begins at or before the last entry covered, and reaches beyond it", () => {
  expect(overlappingPage(1000, 1000)).toEqual({ page: 2, perPage: 999 });
  expect(overlappingPage(1998, 1000)).toEqual({ page: 3, perPage: 998 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 20, max: 1000 }), (covered, max) => {
      const { page, perPage } = overlappingPage(covered, max);
      expect(perPage).toBeLessThanOrEqual(max);
      expect(page * perPage).toBeGreaterThan(covered);
      expect((page - 1) * perPage).toBeLessThan(covered);
      expect(Number.isInteger(page)).toBe(true);
    }),
  );
});
