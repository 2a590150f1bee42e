import { describe, expect, test } from "vitest";
import { addressWithin, parseEmailAddress } from "../../../src/changes/cells/email-address.ts";
import { Refusal } from "../../../src/changes/cells/refusal.ts";

describe("an e-mail address", () => {
  test.each([
    "jane@example.com",
    "Jane.O'Neil+tag@Sub.Example.CO.UK",
    "a@b.cd",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    `${"a".repeat(64)}@example.com`,
    "jörg@münchen.de",
    "用户@例子.公司",
    "jane@xn--mnchen-3ya.de",
    "δοκιμή@παράδειγμα.δοκιμή",
  ])("%s is kept as it is written", (address) => expect(parseEmailAddress(address)).toBe(address));

  test.each([
    ["jane"],
    ["jane@"],
    ["@example.com"],
    ["jane@localhost"],
    ["jane@example,com"],
    ["jane@example.com."],
    ["jane@-example.com"],
    ["jane@exa_mple.com"],
    ["jane@192.168.1.1"],
    ["jane..doe@example.com"],
    [".jane@example.com"],
    ["jane doe@example.com"],
    ["jane@@example.com"],
    ["jane@example.com, john@example.com"],
    ["jane@example.com;john@example.com"],
    ["Jane Doe <jane@example.com>"],
    ["mailto:jane@example.com"],
    ["o’neil@example.com"],
    ["“jane”@example.com"],
    ["jane\u200b@example.com"],
    ["jane\u00a0doe@example.com"],
    ["jane＠example.com"],
    ["jane–doe@example.com"],
    ["jane\u0007@example.com"],
    ["jane\ufffd@example.com"],
    [`${"a".repeat(65)}@example.com`],
    [`jane@${"a.".repeat(130)}com`],
    ["ÿ".repeat(40) + "@example.com"],
    ["\u202ejane@example.com"],
    ["^zoe\\.tanaka(\\+.*)?@example\\.com$"],
    ["(ada|bob)@.*example.com"],
  ])("%j is refused with the reason", (cell) => {
    const answer = parseEmailAddress(cell);
    expect(answer).toBeInstanceOf(Refusal);
    const { expected, found } = answer as Refusal;
    expect(expected).toBe("one e-mail address");
    expect(found).toMatchSnapshot();
  });

  test("that is made to be slow to check is checked at once", () => {
    const before = process.cpuUsage();
    for (const cell of [`${"a.".repeat(15_000)}@`, `a@${"a-".repeat(15_000)}`, `a@${"a.".repeat(15_000)}!`]) {
      expect(parseEmailAddress(cell)).toBeInstanceOf(Refusal);
    }
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});

test.each([
  ["mailto:jane@example.com", "jane@example.com"],
  ["MAILTO:jane@example.com?subject=Hi", "jane@example.com"],
  ["Jane Doe <jane@example.com>", "jane@example.com"],
  ['"Doe, Jane" < mailto:jane@example.com >', "jane@example.com"],
  ["<jane@example.com>", "jane@example.com"],
  ["jane@example.com", null],
  ["jane@example.com <jane@example.com>", null],
  ["Jane <jane@example.com>, Joe <joe@example.com>", null],
  ["Jane <jane>", null],
])("in %j the address is %j", (cell, address) => expect(addressWithin(cell)).toBe(address));
