import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TextIndex } from "../../src/plan/text-index.ts";

test("finds every number of a text, whatever else was added", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3_000 }), (texts) => {
      const index = new TextIndex();
      for (const [number, text] of texts.entries()) index.add(text, number);
      for (const text of new Set(texts)) {
        const own = texts.flatMap((other, number) => (other === text ? number : []));
        const candidates = index.candidates(text);
        expect(candidates.filter((number) => texts[number] === text)).toEqual(own);
      }
    }),
    { numRuns: 30 },
  );
});

test("finds little else", () => {
  const index = new TextIndex();
  const texts = Array.from({ length: 20_000 }, (_, n) => `person.${n}@corp.example`);
  for (const [number, text] of texts.entries()) index.add(text, number);
  const found = texts.reduce((sum, text) => sum + index.candidates(text).length, 0);
  expect(found).toBeLessThan(20_010);
  expect(index.candidates("nobody@corp.example")).toEqual([]);
});
