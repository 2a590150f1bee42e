import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { ROW_KINDS } from "../../src/demo/sample-rows.ts";
import { sampleSpreadsheet, type SampleSpreadsheetOptions } from "../../src/demo/sample-spreadsheet.ts";
import { findUpdateFault } from "../../src/demo/entry-update.ts";

const registry = sampleRegistry({ size: 3000, seed: 5 });
const byId = new Map(registry.map((entry) => [entry.id, entry]));
const make = (options: SampleSpreadsheetOptions = {}) =>
  sampleSpreadsheet(registry, { rows: 1500, seed: 5, ...options });

const read = (text: string, delimiter: string) => parse(text, { bom: true, delimiter });

describe("the sample registry", () => {
  test("is the same for the same seed", () => {
    expect(sampleRegistry({ size: 50, seed: 9 })).toEqual(sampleRegistry({ size: 50, seed: 9 }));
    expect(sampleRegistry({ size: 50, seed: 9 })).not.toEqual(sampleRegistry({ size: 50, seed: 10 }));
  });

  test("has the share of synced entries that was asked for, from every directory", () => {
    const synced = sampleRegistry({ size: 4000, syncedShare: 0.3 }).filter((e) => e.provenance !== "A1S_INTERNAL");
    expect(synced.length / 4000).toBeCloseTo(0.3, 1);
    expect(new Set(synced.map((e) => e.provenance)).size).toBe(3);
  });

  test("has different ids, and entries that the API itself would take", () => {
    expect(byId.size).toBe(registry.length);
    for (const entry of registry) {
      const { email, name, comments, is_email_regex } = entry;
      expect(findUpdateFault({ email, name, comments, is_email_regex }, entry)).toBeNull();
    }
  });
});

describe("the sample spreadsheet", () => {
  test("is the same for the same seed", () => {
    expect(make()).toEqual(make());
    expect(make().text).not.toBe(make({ seed: 6 }).text);
  });

  test("has every kind of row, and as many rows as were asked for", () => {
    const { expected } = make();
    expect(expected).toHaveLength(1500);
    expect(new Set(expected.map((row) => row.kind))).toEqual(new Set(ROW_KINDS));
  });

  test.each([{ delimiter: "," }, { delimiter: ";" }, { delimiter: "\t" }, { delimiter: "|" }] as const)(
    "reads back the same with %j",
    ({ delimiter }) => {
      const plain = read(make().text, ",");
      expect(plain).toHaveLength(1501);
      expect(read(make({ delimiter, bom: true, newline: "\r\n" }).text, delimiter)).toEqual(plain);
    },
  );

  test("numbers rows as a spreadsheet shows them, empty lines counted", () => {
    const { text, expected } = make({ emptyLines: 0.2 });
    const records = parse(text, { relax_column_count: true });
    const rows = records.flatMap((cells, n) => (n > 0 && cells.some((cell) => cell !== "") ? [n + 1] : []));
    expect(rows).toEqual(expected.map(({ row }) => row));
    expect(records.length).toBeGreaterThan(1700);
  });

  test("an update really changes its entry, and to values that the API takes", () => {
    for (const { set, entryId } of make().expected) {
      if (set === null) continue;
      const entry = byId.get(entryId!)!;
      expect(findUpdateFault(set, entry)).toBeNull();
      expect(entry).not.toMatchObject(set);
    }
  });

  test("no entry is in more rows than the kind of row says", () => {
    const about = Map.groupBy(
      make().expected.filter((row) => row.entryId !== null),
      (row) => row.entryId,
    );
    for (const rows of about.values())
      expect(rows).toHaveLength(rows[0]!.kind === "repeat" || rows[0]!.kind === "conflict" ? 2 : 1);
  });

  test("of a row that is repeated, the first in the file is the update", () => {
    const repeats = Map.groupBy(
      make().expected.filter((row) => row.kind === "repeat"),
      (row) => row.entryId,
    );
    for (const rows of repeats.values()) expect(rows.map((row) => row.outcome)).toEqual(["updated", "unchanged"]);
  });

  test("unknown ids are not in the registry", () => {
    const unknown = make().expected.filter((row) => row.kind === "unknown-id");
    const records = parse(make().text);
    for (const { row } of unknown) expect(byId.has(records[row - 1]![0]!)).toBe(false);
  });

  test("says so when the registry is too small", () => {
    expect(() => sampleSpreadsheet(registry.slice(0, 10), { rows: 100 })).toThrow(/too few entries/);
  });
});
