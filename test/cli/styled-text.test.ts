import { describe, expect, it } from "vitest";
import { cutTo, renderStyled, styled, widthOf } from "../../src/cli/styled-text.ts";
import { wrap } from "../../src/cli/wrap.ts";

describe("styled text", () => {
  const line = `${styled("red", "error:")} the name is ${styled("bold", "A\u001B[8mda\u202E")}`;

  it("has the codes of its styles where the stream shows colours, and none elsewhere", () => {
    expect(renderStyled(line, false)).toBe("error: the name is A‹U+001B›[8mda‹U+202E›");
    expect(renderStyled(line, true)).toBe(
      "\u001B[31merror:\u001B[39m the name is \u001B[1mA‹U+001B›[8mda‹U+202E›\u001B[22m",
    );
  });

  it("takes no style from a text that holds a mark of its own", () => {
    expect(renderStyled("Ada \uFDD4", true)).toBe("Ada ");
    expect(renderStyled(`${styled("dim", "x")}\uFDD4`, true)).toBe("x");
  });

  it("counts columns, not characters", () => {
    expect([styled("red", "abc"), "李小龍", "e\u0301", "👩"].map(widthOf)).toEqual([3, 6, 1, 2]);
  });
});

describe("a line that is cut", () => {
  it("holds no more columns than it may, and keeps its styles whole", () => {
    const line = `${styled("green", "██████")}  ${styled("dim", "李小龍 of 50 rows")}`;
    for (let columns = 0; columns <= 30; columns += 1) {
      const cut = cutTo(line, columns);
      expect(widthOf(cut), String(columns)).toBeLessThanOrEqual(columns);
      expect(renderStyled(cut, true)).not.toMatch(/[\uFDD0-\uFDEF]/);
    }
    expect(renderStyled(cutTo(line, 12), false)).toBe("██████  李…");
    expect(cutTo(line, 30)).toBe(line);
    expect(renderStyled(cutTo("opening the backend; the first time takes some seconds", 19), false)).toBe(
      "opening the backen…",
    );
  });
});

describe("lines that are wider than the terminal", () => {
  it("break between words, indented", () => {
    const text = '  row 12  Invalid cell: column "Email": expected one e-mail address, found "bob"';
    expect(wrap(text, 40)).toMatchInlineSnapshot(`
      "  row 12  Invalid cell: column "Email":
                expected one e-mail address,
                found "bob""
    `);
    for (const line of wrap(text, 30).split("\n")) expect(line.length).toBeLessThanOrEqual(30);
  });

  it("never break a word, an id or a command, so that they can be copied", () => {
    const id = "2026-11-24-brave-otter";
    const text = `Left it to the workers. See: bulkpatch status ${id} --watch`;
    expect(wrap(text, 30)).toBe(`Left it to the workers. See:\n  bulkpatch status ${id} --watch`);
    expect(wrap(`look at \`bulkpatch plan FILE\`, then go on`, 20)).toBe(
      "look at\n  `bulkpatch plan FILE`,\n  then go on",
    );
    expect(wrap("x".repeat(50), 20)).toBe("x".repeat(50));
  });

  it("stay as they are where they fit", () => {
    expect(wrap("  a   b\nc", 20)).toBe("  a   b\nc");
  });
});
