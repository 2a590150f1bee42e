import { expect, it } from "vitest";
import { readEntry } from "../../src/registry/read-entry.ts";
import { verifyRun } from "../../src/report/verify.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { ended, sampleRow } from "../backends/sample-run.ts";

const updated = (n: number, more: Partial<RunRow> = {}): RunRow => sampleRow(n, { result: ended(n).result, ...more });

async function* streamed<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

const shown = (n: number, more: object = {}) =>
  readEntry({
    id: sampleRow(n).entryId,
    name: `Person Number ${n}`,
    email: "a@x.example",
    comments: "Hi",
    ...more,
  });

it("tells for each updated row whether its entry still shows every value", async () => {
  const rows = [
    updated(0),
    updated(1),
    updated(2),
    updated(3, { changes: { comments: { from: "x", to: null }, email: { from: "b@x.example", to: "A@x.example" } } }),
    sampleRow(4, { result: ended(4, "failed").result }),
    sampleRow(5, { result: ended(5, "rejected_conflict").result }),
  ];
  const entries = [
    shown(0),
    shown(1, { name: "Somebody Else", comments: null }),
    // an emptied text comes back as "", an address in another case
    shown(3, { comments: "" }),
    shown(4, { name: "other" }),
    shown(9),
  ];
  expect(await verifyRun("brave-otter", () => streamed(rows), streamed(entries))).toEqual({
    run: "brave-otter",
    checked: 4,
    same: 2,
    different: [
      {
        row: 3,
        impersonation_registry_id: rows[1]!.entryId,
        field: "name",
        expected: "Person Number 1",
        found: "Somebody Else",
      },
      { row: 3, impersonation_registry_id: rows[1]!.entryId, field: "comments", expected: "Hi", found: null },
    ],
    gone: [{ row: 4, impersonation_registry_id: rows[2]!.entryId }],
  });
});

it("asks for no listing where the run updated nothing", async () => {
  const asked = {
    [Symbol.asyncIterator]: () => {
      throw new Error("the listing was asked for");
    },
  };
  expect(await verifyRun("x", () => streamed([sampleRow(0)]), asked)).toMatchObject({ checked: 0, same: 0 });
});
