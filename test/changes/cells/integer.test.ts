import { describe, expect, test } from "vitest";
import { parseInteger } from "../../../src/changes/cells/integer.ts";
import { Refusal } from "../../../src/changes/cells/refusal.ts";

describe("a whole number", () => {
  test.each([
    ["17", 17],
    ["17.0", 17],
    ["17,00", 17],
    ["1.7E1", 17],
    ["1,7e+01", 17],
    ["1.23456789012E+11", 123_456_789_012],
    ["170E-1", 17],
    ["-5", -5],
    ["+5", 5],
    ["007", 7],
    ["0", 0],
    ["-0", 0],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%s is %d", (cell, value) => expect(parseInteger(cell)).toBe(value));

  test.each([
    ["1.5"],
    ["1.7E0"],
    ["abc"],
    ["0x10"],
    ["1 000"],
    ["1.000"],
    ["1,000"],
    ["1.23457E+11"],
    ["9007199254740993"],
    ["1e400"],
    ["1e999"],
    ["Infinity"],
    ["١٧"],
  ])("%s is refused", (cell) => {
    const answer = parseInteger(cell);
    expect(answer).toBeInstanceOf(Refusal);
    expect((answer as Refusal).found).toMatchSnapshot();
  });
});
