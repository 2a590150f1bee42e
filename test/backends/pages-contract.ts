import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import type { RecordedResult, RowFilter, RowPage } from "../../src/runs/row-store.ts";
import type { RunFilter, RunPage } from "../../src/runs/run-store.ts";
import type { NewRun, RunRow } from "../../src/runs/run.ts";
import { ended, event, sampleRow, sampleRows, sampleRun } from "./sample-run.ts";

/** How every backend lists runs and rows. `connections` answers two that are open on the same datastore. */
export function describePages(connections: () => [Backend, Backend]): void {
  const store = () => connections()[0];
  const other = () => connections()[1];

  async function startedRun(overrides: Partial<NewRun> = {}): Promise<string> {
    const run = sampleRun(overrides);
    await store().runs.create(run, event("planning"));
    return run.id;
  }

  async function runOfManyEnds(): Promise<string> {
    const id = await startedRun();
    await store().rows.stage(id, [
      ...sampleRows(2_500),
      sampleRow(2_500, { result: ended(2_500, "rejected_invalid", { message: "no" }).result }),
    ]);
    await store().rows.record(id, [failed(2_499, 7), failed(3, 7), failed(4, 8), ended(1_500), failed(1_030, 68)]);
    return id;
  }

  describe("a page of runs", () => {
    test("holds those of a state, a text and a time, newest first, however small it is", async () => {
      const at = 3_000_000_000_000;
      const names = ["Alpha.csv", "beta.csv", "alphabet.csv", "gamma.csv", "ALPHA-2.csv", "alpha.csv"];
      // The last two at the same instant.
      const ids = await Promise.all(names.map((name, i) => startedRun({ name, createdAt: at + Math.min(i, 4) })));
      await store().runs.move(ids[0]!, ["planning"], "running", null, event("running"));
      await store().runs.move(ids[2]!, ["planning"], "running", null, event("running"));
      const found = async (filter: Partial<RunFilter>): Promise<(string | undefined)[]> => {
        const pages: string[] = [];
        for (let after: string | null | undefined; after !== null;) {
          const page: RunPage = await other().runs.page({
            from: at,
            limit: 2,
            ...filter,
            ...(after !== undefined && { after }),
          });
          expect(page.runs.length).toBeLessThanOrEqual(filter.limit ?? 2);
          pages.push(...page.runs.map(({ id }) => id));
          after = page.next;
        }
        return pages;
      };
      const all = await found({});
      expect(new Set(all.slice(0, 2))).toEqual(new Set([ids[4], ids[5]]));
      expect(all.slice(2)).toEqual([ids[3], ids[2], ids[1], ids[0]]);
      expect(await found({ limit: 1 })).toEqual(all);
      expect(await found({ limit: 10, states: ["running", "halted"] })).toEqual([ids[2], ids[0]]);
      expect(await found({ text: "ALPHA", to: at + 4 })).toEqual([ids[2], ids[0]]);
      expect(await found({ from: at + 1, to: at + 3, states: [] })).toEqual([ids[2], ids[1]]);
      expect(await found({ text: "nothing" })).toEqual([]);
      expect(await found({ text: ids[3]!.toUpperCase() })).toEqual([ids[3]]);
      expect(await found({ text: "home/ADA/people", to: at + 1 })).toEqual([ids[0]]);
      expect(await found({ text: "ADA@laptop", to: at + 1 })).toEqual([ids[0]]);
      for (const id of ids) await store().runs.remove(id);
      expect(await other().runs.page({ from: at, limit: 2 })).toEqual({ runs: [], next: null });
    });
  });

  describe("a page of rows", () => {
    test("holds the rows in order, from behind the page before, and says where the next one begins", async () => {
      const id = await startedRun();
      const rows = sampleRows(5);
      await store().rows.stage(id, rows);
      expect(await other().rows.page(id, { limit: 3 })).toMatchObject({ rows: rows.slice(0, 3), next: 2 });
      expect(await other().rows.page(id, { limit: 3, after: 2 })).toMatchObject({ rows: rows.slice(3), next: null });
      expect(await other().rows.page(id, { limit: 5 })).toMatchObject({ rows, next: null });
      expect(await other().rows.page(id, { limit: 5, after: 4 })).toEqual({ rows: [], next: null, scanned: 0 });
      expect(await other().rows.page("nobody", { limit: 5 })).toEqual({ rows: [], next: null, scanned: 0 });
    });

    test.each([
      [{ outcomes: ["failed"] }, [3, 4, 1_030, 2_499]],
      [{ outcomes: ["rejected_invalid", "updated", "failed"] }, [3, 4, 1_030, 1_500, 2_499, 2_500]],
      [{ outcomes: ["unchanged"] }, []],
      [{ codes: [7] }, [3, 2_499]],
      [{ codes: [8, 68] }, [4, 1_030]],
      [{ codes: [1] }, []],
      [{ outcomes: ["updated"], codes: [7] }, []],
      [{ outcomes: ["failed"], codes: [7], text: "PERSON.2499@" }, [2_499]],
      [
        { outcomes: [], codes: [], text: "Old Name 249" },
        [249, 2_490, 2_491, 2_492, 2_493, 2_494, 2_495, 2_496, 2_497, 2_498, 2_499],
      ],
    ] satisfies [Omit<RowFilter, "limit">, number[]][])(
      "holds all that fit %j, however small the pages",
      async (filter, expected) => {
        const id = await runOfManyEnds();
        expect(await allPages(other(), id, { ...filter, limit: 2 })).toEqual(expected);
        expect(await allPages(other(), id, { ...filter, limit: 100 })).toEqual(expected);
      },
    );

    test("is found by text in id, address, name and cells, in any case, and in nothing else", async () => {
      const id = await startedRun();
      await store().rows.stage(id, [
        sampleRow(0, { cells: ["ÄRGER"], entryName: 'said "no"\n' }),
        sampleRow(1, { guard: "wanted", cells: ["plain"], entryId: "ID-9", entryEmail: null, entryName: "1" }),
        sampleRow(2, { cells: [], entryName: "x", entryId: null, entryEmail: "Grace@X.example" }),
      ]);
      const found = async (text: string): Promise<number[]> =>
        (await store().rows.page(id, { text, limit: 9 })).rows.map(({ n }) => n);
      expect(await found("ärger")).toEqual([0]);
      expect(await found('D "NO"\n')).toEqual([0]);
      expect(await found("id-9")).toEqual([1]);
      expect(await found("grace@x")).toEqual([2]);
      expect(await found("wanted")).toEqual([]);
      expect(await found('","')).toEqual([]);
      expect(await found("")).toEqual([0, 1, 2]);
    });

    test("ends a search after so many rows, and says where it goes on", async () => {
      const id = await startedRun();
      const rows = sampleRows(6_000);
      for (let i = 0; i < rows.length; i += 3_000) await store().rows.stage(id, rows.slice(i, i + 3_000));
      const first = await other().rows.page(id, { text: "person.5999@", limit: 5 });
      expect(first).toEqual({ rows: [], next: 4_999, scanned: 5_000 });
      const second = await other().rows.page(id, { text: "person.5999@", limit: 5, after: first.next! });
      expect(second).toEqual({ rows: [rows[5_999]], next: null, scanned: 1_000 });
    });

    test("finds a row again that was recorded twice, once", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(2));
      await store().rows.record(id, [ended(0), failed(0, 7)]);
      await store().rows.record(id, [failed(0, 7)]);
      expect(await allPages(other(), id, { outcomes: ["updated"], limit: 9 })).toEqual([0]);
      expect(await allPages(other(), id, { outcomes: ["failed"], limit: 9 })).toEqual([]);
    });
  });

  describe("causes", () => {
    test("count rows that ended alike, with a message of one of them", async () => {
      const id = await startedRun();
      await store().rows.stage(id, [
        ...sampleRows(6),
        sampleRow(6, { result: ended(6, "rejected_invalid", { httpStatus: null, message: "x".repeat(900) }).result }),
      ]);
      await store().rows.record(id, [refused(0), refused(1), ended(2)]);
      await other().rows.record(id, [refused(0), refused(3), ended(4, "failed", { httpStatus: 500, message: null })]);
      const [first, ...others] = await store().rows.causes(id);
      expect(first).toMatchObject({ outcome: "rejected_by_api", httpStatus: 422, apiCode: 1002, rows: 3 });
      expect(first?.message?.replace("\0", "")).toBe("bad é");
      expect(others).toEqual([
        { outcome: "failed", httpStatus: 500, apiCode: null, provenance: null, rows: 1, message: null },
        {
          outcome: "rejected_invalid",
          httpStatus: null,
          apiCode: null,
          provenance: null,
          rows: 1,
          message: "x".repeat(500),
        },
        { outcome: "updated", httpStatus: 200, apiCode: null, provenance: null, rows: 1, message: null },
      ]);
      expect(await store().rows.causes("nobody")).toEqual([]);
    });

    test("count synced entries by their directory, whether that was known before they were sent or only after", async () => {
      const id = await startedRun();
      const [google, office] = ["SNOOPY-GOOGLE_DIRECTORY", "SNOOPY-OFFICE_365"];
      const staged = (n: number, provenance: string): RunRow => sampleRow(n, { provenance, result: synced(n).result });
      await store().rows.stage(id, [
        staged(0, google),
        staged(1, google),
        staged(2, office),
        ...sampleRows(6).slice(3),
      ]);
      await other().rows.record(id, [
        { ...synced(3), provenance: office },
        { ...synced(4), provenance: office },
      ]);
      await other().rows.record(id, [{ ...synced(4), provenance: office }, synced(5)]);
      expect((await store().rows.causes(id)).map(({ provenance, rows }) => [provenance, rows])).toEqual([
        [office, 3],
        [google, 2],
        [null, 1],
      ]);
    });

    test("beyond a hundred come together, and none is lost", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(300));
      for (let from = 0; from < 300; from += 60) {
        const results = Array.from({ length: 60 }, (_, i) =>
          ended(from + i, "failed", { httpStatus: 500, apiCode: from + i }),
        );
        await store().rows.record(id, results);
      }
      const causes = await store().rows.causes(id);
      expect(causes.length).toBeGreaterThan(50);
      expect(causes.length).toBeLessThanOrEqual(101);
      expect(causes.reduce((sum, { rows }) => sum + rows, 0)).toBe(300);
      expect(causes[0]).toMatchObject({ outcome: "failed", httpStatus: null, apiCode: null });
      expect((await store().rows.page(id, { codes: [299], limit: 9 })).rows.map(({ n }) => n)).toEqual([299]);
    });

    test("and marks are gone with their run", async () => {
      const id = await startedRun();
      await store().rows.stage(id, sampleRows(2));
      await store().rows.record(id, [ended(0), ended(1, "failed", { apiCode: 7 })]);
      await store().runs.remove(id);
      await store().runs.create(sampleRun({ id }), event("planning"));
      expect(await other().rows.causes(id)).toEqual([]);
      for (const filter of [{ outcomes: ["updated" as const] }, { codes: [7] }])
        expect(await other().rows.page(id, { ...filter, limit: 9 })).toEqual({ rows: [], next: null, scanned: 0 });
    });
  });
}

function synced(n: number): RecordedResult {
  return ended(n, "rejected_directory_synced", { message: null });
}

function failed(n: number, apiCode: number | null = null): RecordedResult {
  return ended(n, "failed", { httpStatus: 500, apiCode, message: `no answer for row ${n}` });
}

function refused(n: number): RecordedResult {
  return ended(n, "rejected_by_api", { httpStatus: 422, apiCode: 1002, message: "bad\0 é" });
}

/** The positions of the rows of all pages. */
async function allPages({ rows }: Backend, id: string, filter: Omit<RowFilter, "after">): Promise<number[]> {
  const found: number[] = [];
  for (let after: number | null | undefined; after !== null;) {
    const page: RowPage = await rows.page(id, { ...filter, ...(after !== undefined && { after }) });
    found.push(...page.rows.map(({ n }) => n));
    after = page.next;
  }
  return found;
}
