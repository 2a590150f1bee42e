import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { clip } from "../../src/report/clip.ts";

const MIB = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("leaves a short text as it is, and marks where a long one was cut", () => {
  expect(clip("short", 5)).toBe("short");
  expect(clip("longer", 5)).toBe("longe…");
});

test("never leaves half a character", () => {
  expect(clip("ab👩cd", 3).isWellFormed()).toBe(true);
});

test("does not keep the long text alive", () => {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const clipped = Array.from({ length: 200 }, (_, i) => clip(Buffer.alloc(MIB / 2, 97 + (i % 26)).toString("latin1")));
  collectGarbage();
  const held = (process.memoryUsage().heapUsed - before) / MIB;
  expect(clipped).toHaveLength(200);
  expect(held).toBeLessThan(10);
});
