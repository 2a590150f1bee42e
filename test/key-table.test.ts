import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KeyTable } from "../src/key-table.ts";

const key = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.integer({ min: 0, max: 40 }).map((n) => `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`),
  fc.string({ maxLength: 2 }),
  fc.constantFrom("g0000000-0000-0000-0000-000000000000", "00000000a0000-0000-0000-000000000000"),
);

test("numbers different keys from 0 in their order, and gives each its number and its text again", () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000 }), (keys) => {
      const table = new KeyTable();
      const different = [...new Set(keys)];
      expect(different.filter((text) => table.numberOf(text) !== null)).toEqual([]);
      expect(keys.map((text) => table.add(text))).toEqual(keys.map((text) => different.indexOf(text)));
      expect(table.size).toBe(different.length);
      expect(different.map((_, number) => table.keyOf(number))).toEqual(different);
      expect(different.map((text) => table.numberOf(text))).toEqual([...different.keys()]);
    }),
    { numRuns: 30 },
  );
});
