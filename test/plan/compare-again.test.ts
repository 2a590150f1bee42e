import { describe, expect, it } from "vitest";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { compareAgain, type CompareAgainOptions } from "../../src/plan/compare-again.ts";
import type { FieldChanges } from "../../src/registry/entry-diff.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { registryForTest } from "./registry-for-test.ts";

const ENTRIES = sampleRegistry({ size: 2_500, seed: 8, syncedShare: 0 });

const rowOf = (n: number, changes: FieldChanges | null): RunRow => ({
  n,
  row: n + 2,
  cells: [],
  entryId: ENTRIES[n]!.id,
  entryEmail: ENTRIES[n]!.email,
  entryName: ENTRIES[n]!.name,
  provenance: "A1S_INTERNAL",
  changes,
  guard: null,
  result: null,
});
const renamed = (n: number): RunRow => rowOf(n, { name: { from: ENTRIES[n]!.name, to: `New ${n}` } });

/** Compares rows with a registry in which some entries are not any more as the plan found them; null: gone. */
async function compare(
  rows: RunRow[],
  since: Record<number, object | null>,
  options: Partial<CompareAgainOptions> = {},
) {
  const { api, registry, sent } = await registryForTest({ entries: ENTRIES });
  for (const [n, change] of Object.entries(since)) {
    const { id } = ENTRIES[Number(n)]!;
    if (change === null) api.registry.delete(id);
    else Object.assign(api.registry.get(id)!, change);
  }
  const compared = await compareAgain({
    rows: async function* () {
      yield* rows;
    },
    registry,
    planned: true,
    alreadyShown: "updated",
    now: 7,
    ...options,
  });
  return { rows: await Array.fromAsync(compared.decided()), compared, sent: sent() };
}

const says = ({ result, changes }: RunRow): unknown =>
  result === null ? changes : `${result.outcome}: ${result.message}`;

describe("comparing again", () => {
  it("leaves rows to be sent whose entry is as the plan found it, whatever else was changed in it", async () => {
    const { rows } = await compare([renamed(0), renamed(1)], { 1: { comments: "somebody was here" } });
    expect(rows).toEqual([renamed(0), renamed(1)]);
  });

  it("finds what somebody changed since in a field of the row", async () => {
    const row = rowOf(3, { name: { from: ENTRIES[3]!.name, to: "New" }, directory_id: { from: null, to: 5 } });
    const { rows, compared } = await compare([renamed(2), row], { 3: { name: "Theirs", directory_id: 9 } });
    expect(rows.map(({ n }) => n)).toEqual([2, 3]);
    expect(says(rows[1]!)).toBe(
      `rejected_conflict: somebody changed it since the plan: name was "${ENTRIES[3]!.name}" in the plan and is "Theirs" now; directory_id was null in the plan and is 9 now`,
    );
    expect(rows[1]!.result).toMatchObject({ attempts: 0, finishedAt: 7 });
    expect(compared.summary).toMatchObject({ update: 1, outcomes: { rejected_conflict: 1 } });
  });

  it("asks for what still differs where a part is done already, with the values found now", async () => {
    const row = rowOf(4, { name: { from: ENTRIES[4]!.name, to: "New" }, comments: { from: "old", to: "new" } });
    const { rows } = await compare([row], { 4: { comments: "new", email: "other@example.com" } });
    expect(rows[0]).toMatchObject({
      changes: { name: { from: ENTRIES[4]!.name, to: "New" } },
      entryEmail: "other@example.com",
      result: null,
    });
  });

  it("ends rows whose entry has the new values, is gone, or is synced by now", async () => {
    const { rows } = await compare([renamed(5), renamed(6), renamed(7)], {
      5: { name: "New 5" },
      6: null,
      7: { provenance: "SNOOPY-OFFICE_365" },
    });
    expect(rows.map(says)).toEqual([
      "updated: it shows the new values already",
      "rejected_not_found: the entry does not exist any more",
      "rejected_directory_synced: synced from Microsoft 365 (Entra ID): change it there",
    ]);
    expect(rows[2]!.provenance).toBe("SNOOPY-OFFICE_365");
  });

  it("takes an address in another letter case for the same", async () => {
    const row = rowOf(8, { email: { from: ENTRIES[8]!.email, to: "new@example.com" } });
    const { rows } = await compare([row], { 8: { email: "NEW@example.com", is_email_regex: false } });
    expect(says(rows[0]!)).toBe("updated: it shows the new values already");
  });

  it("reads the old values where there were none", async () => {
    const row = rowOf(9, { name: { from: null, to: "New" } });
    const options = { planned: false, alreadyShown: "unchanged" } as const;
    const { rows } = await compare([row, renamed(10)], { 10: { name: "New 10" } }, options);
    expect(rows.map(says)).toEqual([
      { name: { from: ENTRIES[9]!.name, to: "New" } },
      "unchanged: it shows the new values already",
    ]);
  });

  it("passes over rows that have ended or ask for nothing", async () => {
    const [ended] = (await compare([renamed(11)], { 11: null })).rows;
    const { rows, sent } = await compare([ended!, rowOf(12, null)], {});
    expect({ rows, sent }).toEqual({ rows: [], sent: 0 });
  });

  it("costs the pages of the listing, and for a row or two a look-up each", async () => {
    const all = ENTRIES.map((_, n) => renamed(n));
    expect((await compare(all, {})).sent).toBe(3);
    expect((await compare(all.slice(0, 1), {})).sent).toBe(1);
  });
});
