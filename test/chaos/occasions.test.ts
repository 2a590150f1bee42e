import { expect, it } from "vitest";
import { addressForTest } from "../runs/address-for-test.ts";
import { playOccasions } from "./occasions.ts";

/** The short form of what `npm run chaos` plays. Another seed: CHAOS_SEED=7 npx vitest run test/chaos/occasions. */
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e6));
const OCCASIONS = { redis: 2, postgres: 1, embedded: 1 };

for (const kind of ["redis", "postgres", "embedded"] as const) {
  it(
    `loses no occasion on ${kind} and doubles none, whoever is killed (seed ${seed})`,
    {
      timeout: 480_000,
    },
    async (context) => {
      const address = await addressForTest(kind, context);
      const where = kind === "embedded" ? { backendUrl: kind, dataDir: address } : { backendUrl: address };
      const figures = await playOccasions({ seed, ...where, occasions: OCCASIONS[kind], kills: 3 });
      expect(figures.kills).toBeGreaterThan(0);
    },
  );
}
