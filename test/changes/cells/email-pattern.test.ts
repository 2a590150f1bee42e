import { describe, expect, test } from "vitest";
import { isCheckable, parseEmailPattern } from "../../../src/changes/cells/email-pattern.ts";
import { Refusal } from "../../../src/changes/cells/refusal.ts";

describe("a regular expression in Java's syntax", () => {
  test.each([
    String.raw`.*@example\.com`,
    String.raw`(?i)^j(ane|ohn)\.doe@example\.(com|org)$`,
    String.raw`\Qjane.doe\E@.+`,
    String.raw`\p{Alpha}{2,5}@x\.org`,
    String.raw`(?<first>\w+)\.\k<first>@x\.org`,
    String.raw`(?=j).+@x\.org`,
    String.raw`\A[^@\s]+@x\.org\z`,
    "a]b}",
  ])("%s is taken", (pattern) => {
    expect(parseEmailPattern(pattern)).toBe(pattern);
    expect(isCheckable(pattern)).toBe(true);
  });

  test.each([
    String.raw`\w++@x\.org`,
    "(?>a|b)@x",
    "[a-z&&[^b]]+@x",
    String.raw`(?x) a\h+b`,
    String.raw`(?i)\w++@x`,
    String.raw`\p{javaLowerCase}++@x`,
    "(?<=a+)b",
  ])("%s is taken, but only the API can tell", (pattern) => {
    expect(parseEmailPattern(pattern)).toBe(pattern);
    expect(isCheckable(pattern)).toBe(false);
  });

  test.each([
    "*@example.com",
    "(jane@x",
    "[jane@x",
    "jane)@x",
    "a{2,1}",
    "a{,3}",
    "a{",
    "(?P<x>a)",
    "(?>a",
    "a+++",
    "a\nb",
    "\\",
  ])("%j is refused with the reason", (pattern) => {
    const answer = parseEmailPattern(pattern);
    expect(answer).toBeInstanceOf(Refusal);
    expect((answer as Refusal).found).toMatchSnapshot();
  });

  test("is never run, however slow it would be", () => {
    expect(parseEmailPattern("(a+)+$")).toBe("(a+)+$");
    expect(parseEmailPattern("((a{1,50}){1,50}){1,50}")).toBe("((a{1,50}){1,50}){1,50}");
  });
});
