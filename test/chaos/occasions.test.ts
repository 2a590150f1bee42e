import { expect, it } from "vitest";
import { redisForTest } from "../datastores.ts";
import { playOccasions } from "./occasions.ts";

/** Another seed: CHAOS_SEED=7 npx vitest run test/chaos/occasions. */
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e6));

it(`loses no occasion and doubles none, whoever is killed (seed ${seed})`, { timeout: 240_000 }, async ({ skip }) => {
  const backendUrl = await redisForTest();
  if (backendUrl === null) return skip("there is no Redis here");
  const figures = await playOccasions({ seed, backendUrl, occasions: 4, kills: 3 });
  expect(figures.kills).toBeGreaterThan(0);
});
