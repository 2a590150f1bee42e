import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Backend } from "../backends/backend.ts";
import type { DashboardSettings } from "../config.ts";
import { RequestError } from "../explained-error.ts";
import type { Rate } from "../rate.ts";
import type { Registry } from "../registry/open-registry.ts";
import { Secret } from "../secret.ts";
import type { AccessLog } from "./access-log.ts";
import { isLoopback } from "./access/addresses.ts";
import { Door } from "./access/door.ts";
import { KeptPlans } from "./plans/kept-plans.ts";
import { MOST_BYTES } from "./plans/receive-upload.ts";
import { buildServer } from "./server.ts";

export interface ServeOptions {
  backend: Backend;
  registry: Registry;
  /** As in the settings. */
  rate: Rate;
  settings: DashboardSettings;
  log: AccessLog;
  mostUploadBytes?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

/** A dashboard that listens. */
export interface Serving {
  /** Where it is reached, without a slash at the end. */
  address: string;
  /** Where it listens: another than `address` behind a proxy. */
  listening: string;
  /** Where no token is set: one for this time, and an address that logs in once. */
  made: { token: Secret; loginAddress: string } | null;
  /** Ends what is open, event streams first. */
  close(): Promise<void>;
}

/**
 * Opens the dashboard. Without a token in the settings one is made, which is enough for this machine alone: for any other address
 * it throws RequestError `token_required`. Throws `port_taken` where somebody else listens.
 */
export async function serve({
  backend,
  registry,
  rate,
  settings,
  log,
  mostUploadBytes = MOST_BYTES,
  now = Date.now,
}: ServeOptions): Promise<Serving> {
  const { host, port, origin, proxies, viewerToken } = settings;
  const made = settings.token === null ? new Secret(randomBytes(24).toString("base64url")) : null;
  if (made !== null && (!isLoopback(host) || origin !== null)) {
    throw new RequestError(
      "token_required",
      `the dashboard is to be reached by others (${origin ?? host}), and there is no token to let people in by`,
      "set BULKPATCH_DASHBOARD_TOKEN to 16 or more random characters, or listen on 127.0.0.1",
    );
  }
  const operator = made ?? settings.token!;
  const door = new Door({
    tokens: { operator, viewer: viewerToken },
    leases: backend.leases,
    secure: origin !== null,
    now,
  });
  const server = await buildServer({
    desk: { backend, registry, rate, door, log, plans: new KeptPlans(now), mostUploadBytes, now },
    origin,
    proxies,
  });
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw notListening(error as NodeJS.ErrnoException, host, port);
  }
  const { port: taken } = server.server.address() as AddressInfo;
  const listening = `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
  const address = origin ?? listening;
  return {
    address,
    listening,
    made: made && { token: made, loginAddress: `${address}/login?code=${door.makeCode()}` },
    close: () => server.close(),
  };
}

function notListening(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new RequestError(
      "port_taken",
      `another program listens on port ${port} of ${host}`,
      "stop it, or name another port with --port or BULKPATCH_DASHBOARD_PORT",
    );
  }
  if (error.code === "EACCES" || error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new RequestError(
      "address_unusable",
      `can't listen on ${host}, port ${port} (${error.code})`,
      "name an address of this machine with --host, and a port above 1023 with --port",
    );
  }
  return error;
}
