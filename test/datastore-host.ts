import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { hostEmbedded } from "./embedded-host.ts";
import { hostPostgres } from "./postgres-host.ts";
import { hostRedis } from "./redis-host.ts";

export type DatastoreKind = "redis" | "postgres" | "embedded";

/** One datastore, and the way to empty databases on it. */
export interface DatastoreHost {
  /** The address (of the embedded one: the folder) of a database that nobody else uses. */
  fresh(): Promise<string>;
  stop(): Promise<void>;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where datastores.ts asks: http on loopback. */
    datastoreHost: string;
  }
}

const HOSTS = { redis: hostRedis, postgres: hostPostgres, embedded: hostEmbedded };
const MISSING = {
  embedded: "",
  redis: "There is no Redis here, so its tests are skipped: start Docker, install redis-server, or set TEST_REDIS_URL",
  postgres:
    "There is no PostgreSQL here, so its tests are skipped: install Debian's postgresql package, or set TEST_POSTGRES_URL",
};

/**
 * Vitest's global setup: one Redis, one PostgreSQL and one embedded folder to copy for a whole test run, made when the
 * first test asks, gone at its end. Test files run in processes of their own, so they ask over http.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const hosts = new Map<DatastoreKind, Promise<DatastoreHost | null>>();
  const freshAddress = async (kind: DatastoreKind): Promise<string> => {
    if (!hosts.has(kind)) {
      hosts.set(kind, HOSTS[kind]());
      if ((await hosts.get(kind)) === null && process.env["REQUIRE_ALL"] !== "1") console.warn(MISSING[kind]);
    }
    const host = await hosts.get(kind);
    if (host) return host.fresh();
    if (process.env["REQUIRE_ALL"] === "1") throw new Error(`${MISSING[kind]} (REQUIRE_ALL=1 forbids to skip them)`);
    return "";
  };
  const server = createServer((request, response) => {
    freshAddress(request.url?.slice(1) as DatastoreKind).then(
      (address) => response.end(address),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.once("SIGINT", endInterrupted).once("SIGTERM", endInterrupted);
  project.provide("datastoreHost", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    process.off("SIGINT", endInterrupted).off("SIGTERM", endInterrupted);
    server.close();
    server.closeAllConnections();
    for (const host of hosts.values()) await (await host)?.stop();
  };
}

/** By itself Node ends without telling those who then end what they started (started-server.ts). */
function endInterrupted(): never {
  process.exit(130);
}
