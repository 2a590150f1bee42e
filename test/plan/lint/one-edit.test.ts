import { assert, constantFrom, property, string } from "fast-check";
import { it } from "vitest";
import { isOneEditApart, withOneOut } from "../../../src/plan/lint/one-edit.ts";

const word = string({ unit: constantFrom("a", "b", "c"), maxLength: 7 });

/** The textbook's table, to hold the quick one against. */
function distance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array.from(b, () => 0)]);
  for (let j = 0; j <= b.length; j++) d[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, d[i - 2]![j - 2]! + 1);
      d[i]![j] = best;
    }
  }
  return d[a.length]![b.length]!;
}

it("one edit apart is what the textbook says", () => {
  assert(property(word, word, (a, b) => isOneEditApart(a, b) === (distance(a, b) === 1)));
});

it("texts that are one edit apart share a text with one character out", () => {
  assert(
    property(word, word, (a, b) => !isOneEditApart(a, b) || withOneOut(a).some((one) => withOneOut(b).includes(one))),
  );
});
