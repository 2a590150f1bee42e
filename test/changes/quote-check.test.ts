import { expect, test } from "vitest";
import { makeQuoteCheck } from "../../src/changes/quote-check.ts";

/** Where the text is at fault, read in pieces of this size. */
function faultOf(text: string, size: number, delimiter = ","): number | null {
  const check = makeQuoteCheck(delimiter);
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    const fault = check(bytes.subarray(from, from + size));
    if (fault !== null) return from + fault;
  }
  return null;
}

test.each<[string, number | null, string?]>([
  ["a,b\nc,d\n", null],
  ['a,"b,""c""\n"\r\n"d",e', null],
  ['"Bob" Smith,x\n', null],
  ['a"b,c"d\n', null],
  ['x,"a\nb,"B"\n', 7],
  ['x,"a;b"c\n', null],
  ['x;"a;b"c\n', 6, ";"],
  ['x§"a§b"c\n', 8, "§"],
  ['x§"aöb"c\n', null, "§"],
  ['x,"a\n"""b" c\n', 7],
])("%j is at fault at %j, in pieces of any size", (text, fault, delimiter) => {
  for (const size of [1, 2, 3, 5, 100]) expect(faultOf(text, size, delimiter)).toBe(fault);
});
