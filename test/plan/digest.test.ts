import { describe, expect, it } from "vitest";
import { type DigestedRow, PlanDigest } from "../../src/plan/digest.ts";
import { ended as recorded, sampleRow } from "../backends/sample-run.ts";

const SOURCE = "ab".repeat(32);

function digestOf(rows: DigestedRow[], source = SOURCE): string {
  const digest = new PlanDigest(source);
  for (const row of rows) digest.add(row);
  return digest.hex();
}

const rows = (): DigestedRow[] => [sampleRow(0), sampleRow(1)];
const changed = (change: Partial<DigestedRow>): DigestedRow[] => [sampleRow(0), { ...sampleRow(1), ...change }];

describe("a plan's digest", () => {
  it("is the same for the same plan, also in later versions", () => {
    expect(digestOf(rows())).toBe(digestOf(rows()));
    expect(digestOf(rows())).toMatchInlineSnapshot(
      `"65ebda5e0647d89740734a11d5c1d6a72fbb3f441675eead190651e8bad88639"`,
    );
  });

  it.each<[string, DigestedRow[], string?]>([
    ["another source", rows(), "cd".repeat(32)],
    ["another entry", changed({ entryId: sampleRow(7).entryId })],
    ["another old value", changed({ changes: { name: { from: "Someone Else", to: "Person Number 1" } } })],
    ["another new value", changed({ changes: { name: { from: "Old Name 1", to: "Person Number 2" } } })],
    ["an empty value instead of none", changed({ changes: { comments: { from: "", to: "Hi" } } })],
    ["another cell", changed({ cells: ["a", "b"] })],
    ["cells that are cut elsewhere", changed({ cells: ['a","b'] })],
    ["another row number", changed({ row: 9 })],
    ["a row less", rows().slice(1)],
    ["rows in another order", rows().toReversed()],
    ["a row that is not sent", changed({ result: { outcome: "unchanged" } })],
  ])("is another one with %s", (_, other, source) => {
    expect(digestOf(other, source)).not.toBe(digestOf(rows()));
  });

  it("does not depend on the order in which fields are named, on letter case in ids, or on when it was made", () => {
    const { changes, entryId } = sampleRow(1);
    const reordered = Object.fromEntries(Object.entries(changes!).toReversed());
    expect(digestOf(changed({ changes: reordered, entryId: entryId!.toUpperCase() }))).toBe(digestOf(rows()));
    const ended = [1, 2].map((at) => [
      sampleRow(0, {
        result: recorded(0, "rejected_not_found", { message: `looked at ${at}`, finishedAt: at }).result,
      }),
    ]);
    expect(digestOf(ended[0]!)).toBe(digestOf(ended[1]!));
  });

  it("of many rows is that of the same rows taken at once", () => {
    const many = Array.from({ length: 3_000 }, (_, n) => sampleRow(n));
    expect(digestOf(many)).not.toBe(digestOf(many.slice(0, -1)));
    expect(digestOf(many)).toBe(digestOf(structuredClone(many)));
  });
});
