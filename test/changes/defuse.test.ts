import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defuse, undefuse } from "../../src/changes/defuse.ts";

test.each(["=1+1", "+49 30", "-5", "@sum", "\t=1", "\rx", "\nx", " =1", "＝1", "\u00a0@x"])(
  "a spreadsheet program can't run %j",
  (cell) => {
    expect(defuse(cell)).toBe(`'${cell}`);
    expect(undefuse(defuse(cell))).toBe(cell);
  },
);

test.each(["", "plain", "O'Neil", "'quoted'", "'", "''", "a=b", " x", "jane@example.com"])(
  "%j is written as it is",
  (cell) => {
    expect(defuse(cell)).toBe(cell);
    expect(undefuse(cell)).toBe(cell);
  },
);

test("a cell that looks defused already comes back as it was", () => {
  expect(defuse("'=1")).toBe("''=1");
  expect(undefuse(defuse("'=1"))).toBe("'=1");
  expect(undefuse(defuse(defuse("=1")))).toBe("'=1");
});

test("every cell comes back exactly, and no defused cell is dangerous", () => {
  const nasty = fc.string({ unit: fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", " ", "x", "＝") });
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: "binary" })), (cell) => {
      expect(undefuse(defuse(cell))).toBe(cell);
      expect(defuse(cell)).not.toMatch(/^(?:[\t\r\n]|\s*[=+\-@])/);
    }),
  );
});
