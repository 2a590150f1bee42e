import { expect, test } from "vitest";
import { parseMapping } from "../../src/changes/mapping.ts";

test("a saved mapping names a field for each header, or none", () => {
  expect(parseMapping("hr.json", '\ufeff{"Work e-mail": "email", "Full name": "Display Name", "Email": ""}')).toEqual({
    "Work e-mail": "email",
    "Full name": "Display Name",
    Email: "",
  });
});

test.each(["", "{", "[]", "null", '"email"', '{"A": 1}', '{"A": "mail"}', '{"A": {"B": "email"}}'])(
  "%j is refused with what is wrong",
  (text) => {
    expect(() => parseMapping("hr.json", text)).toThrow(
      /^hr\.json: expected JSON like \{"Their Header": "email"\}, found .+$/,
    );
  },
);
