import type { Backend } from "../../src/backends/backend.ts";
import { serve, type Serving } from "../../src/dashboard/serve.ts";
import { Secret } from "../../src/secret.ts";
import { DAY, type KeeperWorld, setUpKeeperWorld } from "../schedules/keeper-world.ts";
import { OPERATOR } from "./dashboard-world.ts";

export interface HeldSchedule {
  world: KeeperWorld;
  serving: Serving;
  name: string;
}

/** A dashboard, and a schedule whose list changes five entries where two are allowed. The caller closes both. */
export async function setUpHeldSchedule(backend: Backend): Promise<HeldSchedule> {
  const world = await setUpKeeperWorld(backend);
  const { registry, now } = world.keeper();
  const serving = await serve({
    backend,
    registry,
    rate: { limit: 1_000_000, windowMs: 1_000 },
    settings: { host: "127.0.0.1", port: 0, token: new Secret(OPERATOR), viewerToken: null, origin: null, proxies: [] },
    log: { answered: () => undefined, failed: () => undefined },
    now,
  });
  await world.list(world.people());
  const name = await world.add({ limits: { changes: 2 } });
  await world.pass(world.clock.now + DAY);
  await world.list(world.people().map((person, n) => (n < 5 ? { ...person, comments: `moved ${n}` } : person)));
  await world.pass(world.clock.now + DAY);
  return { world, serving, name };
}
