import { describe, expect, test } from "vitest";
import { parseBoolean } from "../../../src/changes/cells/boolean.ts";
import { Refusal } from "../../../src/changes/cells/refusal.ts";

describe("a boolean", () => {
  test.each("true TRUE yes Y 1 WAHR ja VRAI oui VERDADERO sí Si VERO sì WAAR VERDADEIRO sim".split(" "))(
    "may be written %s for true",
    (word) => expect(parseBoolean(word)).toBe(true),
  );

  test.each("false FALSE no N 0 FALSCH nein FAUX non FALSO ONWAAR nee não nao".split(" "))(
    "may be written %s for false",
    (word) => expect(parseBoolean(word)).toBe(false),
  );

  test("may be written with a decomposed accent, as a Mac does", () => {
    expect(parseBoolean("si\u0301")).toBe(true);
  });

  test.each(["maybe", "2", "truely", "constructor", "x", "doğru", "kyllä"])(
    "is not %s, and the refusal names the words",
    (word) => {
      expect(parseBoolean(word)).toEqual(
        new Refusal(
          "true or false",
          word,
          "taken are true, yes, y, 1, wahr, ja, vrai, oui, verdadero, sí, si, vero, sì, waar, verdadeiro, sim; and false, no, n, 0, falsch, nein, faux, non, falso, onwaar, nee, não, nao",
        ),
      );
    },
  );
});
