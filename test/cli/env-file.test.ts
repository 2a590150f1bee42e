import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { withSettings } from "../../src/cli/env-file.ts";

test("puts a setting where it stands already, also commented out, else at the end, and leaves the rest alone", () => {
  const before = "# mine\nexport A=old\n#B=example\nOTHER='x # y'\n# A and B are good\n";
  expect(withSettings(before, { A: "1", B: "2", C: "3" })).toBe(
    "# mine\nA=1\nB=2\nOTHER='x # y'\n# A and B are good\nC=3\n",
  );
  expect(withSettings("", { A: "1" })).toBe("A=1\n");
});

test("quotes a value so that it reads back the same", () => {
  for (const value of ["plain-Token_1", "a#b", "it's", `"both" 'kinds'`, "$HOME", "a\\nb"])
    expect(parseEnv(withSettings("", { A: value })), value).toEqual({ A: value });
});
