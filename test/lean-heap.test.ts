import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MODULE = JSON.stringify(join(import.meta.dirname, "../src/lean-heap.ts"));
const MB = 1024 * 1024;

/** The young generation after much was allocated of which all lived for a while, bytes. */
async function youngAfterMuch(isLean: boolean): Promise<number> {
  const script = `
    import { setImmediate as turn } from "node:timers/promises";
    import { getHeapSpaceStatistics } from "node:v8";
    import { keepHeapLean } from ${MODULE};
    if (${isLean}) keepHeapLean();
    const kept = [];
    for (let i = 0; i < 400; i++) {
      kept[i % 40] = Array.from({ length: 10_000 }, (_, n) => ({ n, of: i }));
      await turn();
    }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  return Number(stdout);
}

test("the young generation stays small where much passes through, and would not by itself", async () => {
  expect(await youngAfterMuch(true)).toBeLessThanOrEqual(32 * MB);
  expect(await youngAfterMuch(false)).toBeGreaterThan(32 * MB);
});
