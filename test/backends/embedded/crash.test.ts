import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openBackend } from "../../../src/backends/open.ts";
import { totalOf } from "../../../src/runs/outcome.ts";
import { embeddedForTest } from "../../datastores.ts";
import { collect } from "../sample-run.ts";
import { startChild, type Child } from "./child.ts";

/** Of 5,000 rows, so that there are some left for every round up to 50. */
const MOST_LINES = 100;
const ROUNDS = Number(process.env["KILLS"] ?? 4);
/** Printed, so that a failure can be seen again: SEED=… KILLS=…. */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let child: Child | undefined;
afterEach(async () => child?.kill());

test(`keeps all it acknowledged when it is killed ${ROUNDS} times at any moment (seed ${SEED})`, async () => {
  const dataDir = await embeddedForTest();
  const random = randomFrom(SEED);
  const acknowledged = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    child = startChild("owner-process.ts", dataDir);
    await child.said(2 + Math.floor(random() * MOST_LINES));
    await child.kill();
    for (const line of child.lines.slice(1)) acknowledged.add(Number(line));

    const backend = await openBackend({ url: null, dataDir });
    const rows = await collect(backend.rows.all("r"));
    const recorded = rows.filter((row) => row.result !== null).map((row) => row.n);
    const run = await backend.runs.get("r");
    await backend.close();
    expect(new Set(recorded).isSupersetOf(acknowledged)).toBe(true);
    // Each process may have had one more answer on its way.
    expect(recorded.length).toBeLessThanOrEqual(acknowledged.size + round + 1);
    expect(run && totalOf(run.outcomes)).toBe(recorded.length);
    expect(run?.rows).toBe(5_000);
  }
}, 600_000);

test("makes the folder anew when it was killed while it made it", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "bulkpatch-"));
  child = startChild("owner-process.ts", dataDir, "hold");
  // Its first files come long before its last. Looked for often: word of a new folder may come when it is done.
  while (!existsSync(join(dataDir, "db"))) await new Promise((resolve) => setTimeout(resolve, 1));
  await child.kill();
  expect(existsSync(join(dataDir, "db.unfinished"))).toBe(true);
  const backend = await openBackend({ url: null, dataDir });
  expect(await backend.runs.list(1)).toEqual([]);
  await backend.close();
  expect(existsSync(join(dataDir, "db.unfinished"))).toBe(false);
  await rm(dataDir, { recursive: true });
});

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
