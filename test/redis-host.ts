import { Redis } from "ioredis";
import type { DatastoreHost } from "./datastore-host.ts";
import { hasRedisServer, startRedis } from "./start-redis.ts";

const DATABASES = 1_000;

/** The Redis of a test run: TEST_REDIS_URL where it is set, else a container, else the `redis-server` on the PATH, else null. */
export async function hostRedis(): Promise<DatastoreHost | null> {
  const url = process.env["TEST_REDIS_URL"];
  if (url) return numbered(url, 16, async () => {});
  const container = await startContainer();
  if (container !== null) return container;
  if (!hasRedisServer()) return null;
  const server = await startRedis();
  return numbered(server.url, DATABASES, () => server.stop());
}

/** Null where Docker does not run or has no such image. */
async function startContainer(): Promise<DatastoreHost | null> {
  // Its own way to clean up after a crash is one more image to fetch; the end of the run stops the container.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  try {
    // Half a second to load, for the few test runs that need it.
    const { GenericContainer, Wait } = await import("testcontainers");
    const container = await new GenericContainer("redis:8-alpine")
      .withCommand(["redis-server", "--protected-mode", "no", "--databases", String(DATABASES), "--appendonly", "yes"])
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forLogMessage("Ready to accept connections"))
      .start();
    const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
    return numbered(url, DATABASES, async () => void (await container.stop()));
  } catch {
    return null;
  }
}

/** Hands out one database number after the other, emptied. */
function numbered(url: string, databases: number, stop: () => Promise<void>): DatastoreHost {
  let last = 0;
  return {
    fresh: async () => {
      last = (last % (databases - 1)) + 1;
      const address = new URL(`/${last}`, url).href;
      const redis = new Redis(address, { retryStrategy: () => null });
      await redis.flushdb();
      redis.disconnect();
      return address;
    },
    stop,
  };
}
