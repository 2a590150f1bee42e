import { expect, test } from "vitest";
import { createWorld } from "./simulated-world.ts";

const MINUTE = 60_000;
const LIMIT = {
  requests: 1200,
  windowMs: 5 * MINUTE,
  window: "sliding",
  blockMs: 5 * MINUTE,
  retryAfter: true,
} as const;

/* A long run of three processes, and a person whose plan lists the registry. */

test.each([30_000, 100_000, 200_000, 290_000, 450_000, 700_000])(
  "a plan's few requests are served within two seconds, %i ms into a long run that spends what there is",
  async (at) => {
    const world = createWorld({ rate: "1140/5m", limit: LIMIT, processes: 3 });
    await world.run(at);
    const served: number[] = [];
    void (async () => {
      for (let i = 0; i < 3; i++) {
        const asked = world.clock.now();
        const permit = await world.budgets[0]!.urgent.take();
        served.push(world.clock.now() - asked);
        await new Promise<void>((resolve) => world.clock.after(60, resolve));
        world.budgets[0]!.settle(permit);
      }
    })();
    await world.run(10_000);
    expect(served).toHaveLength(3);
    expect(Math.max(...served)).toBeLessThanOrEqual(2_000);
    expect(world.throttled()).toBe(0);
  },
);
