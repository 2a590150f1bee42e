import { expect, test } from "vitest";
import { visibleJson, visibleLines, visibleText } from "../src/visible-text.ts";

test("shows every character that acts unseen, and keeps those that names are written with", () => {
  expect(visibleText("A\u202Eda\u0007 \u001B[31mred\u0085 \u{E0041}\uFEFF")).toBe(
    "A‹U+202E›da‹U+0007› ‹U+001B›[31mred‹U+0085› ‹U+E0041›‹U+FEFF›",
  );
  expect(visibleText("one\r\ntwo\tthree")).toBe("one ⏎ two three");
  const names = "Zoë Ångström, 李小龍, سارة, नमस्\u200Dते, 👩‍💻 ❤️";
  expect(visibleText(names)).toBe(names);
});

test("keeps the line breaks of a text of several lines, and no other control", () => {
  expect(visibleLines("a\r\n  b\u001B[2J\nc")).toBe("a\n  b‹U+001B›[2J\nc");
});

test("writes JSON that means the same", () => {
  const value = { name: "A\u202Eda \u007F \u{E0041}", lines: "a\nb" };
  const json = visibleJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).not.toMatch(/[\u202E\u007F\u{E0041}]/u);
});
