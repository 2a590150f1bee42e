import { describe, expect, it } from "vitest";
import { embeddedForTest, redisForTest } from "../datastores.ts";
import { playRound } from "./round.ts";

/** A round itself fails where nothing moves in it. */
const timeout = 1_800_000;
/** The short form of `npm run chaos`. Another seed: CHAOS_SEED=7 npx vitest run test/chaos. */
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e6));

describe(`kill -9 at random instants (seed ${seed})`, () => {
  it("loses no row on Redis with two workers, and says none twice", { timeout }, async ({ skip }) => {
    const backendUrl = await redisForTest();
    if (backendUrl === null) return skip("there is no Redis here");
    const figures = await playRound({
      seed,
      backendUrl,
      workers: 2,
      rows: 500,
      kills: 4,
      every: [100, 1_000],
      freezeMs: [100, 1_000],
      ordeals: ["clock"],
    });
    expect(figures.kills).toBeGreaterThan(0);
  });

  it("loses no row on the embedded backend, and says none twice", { timeout }, async () => {
    const figures = await playRound({
      seed,
      backendUrl: "embedded",
      dataDir: await embeddedForTest(),
      workers: 0,
      rows: 400,
      kills: 3,
      every: [300, 2_500],
      ordeals: ["clock"],
    });
    expect(figures.kills).toBeGreaterThan(0);
  });
});
