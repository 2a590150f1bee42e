import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import { NO_PROXIES, proxyAgentOptions, proxyFor, type ProxySettings } from "../proxy.ts";
import { makeLookup, PrivateAddressError } from "./public-address.ts";

export interface GuardOptions {
  /** Whether an IP address may be connected to. */
  isAllowed: (address: string) => boolean;
  /** Default: none, every host is reached directly. */
  proxy?: ProxySettings;
}

/** Connects to allowed addresses only, or through the proxy; with a proxy, `assertAllowedHost` comes first. The caller closes it. */
export function makeGuardedDispatcher(
  { isAllowed, proxy = NO_PROXIES }: GuardOptions,
  { ca, idleMs }: { ca?: string; idleMs: number },
): Dispatcher {
  const tls = ca === undefined ? {} : { ca };
  return new EnvHttpProxyAgent({
    ...proxyAgentOptions(proxy),
    headersTimeout: idleMs,
    bodyTimeout: idleMs,
    connectTimeout: idleMs,
    connect: { timeout: idleMs, lookup: makeLookup(isAllowed), ...tls },
    requestTls: tls,
  });
}

/**
 * Throws PrivateAddressError for a host that is not allowed, as far as that can be told before connecting: an address, or, where a
 * proxy resolves names, a name that resolves to such an address here too. A name that can't be resolved here is taken for
 * one of the internet, unless it has no dot or ends like a company's own names.
 */
export async function assertAllowedHost(
  url: URL,
  { isAllowed, proxy = NO_PROXIES }: GuardOptions,
  resolve: (host: string) => Promise<{ address: string }[]> = (host) => dns.lookup(host, { all: true }),
): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) {
    // An address is connected to without any look-up.
    if (!isAllowed(host)) throw new PrivateAddressError(host);
    return;
  }
  if (proxyFor(url, proxy) === null) return; // looked at when it is connected to
  const addresses = await resolve(host).catch(() => null);
  const inside = addresses?.find(({ address }) => !isAllowed(address))?.address;
  if (inside !== undefined) throw new PrivateAddressError(inside);
  if (addresses === null && OWN_NAME.test(host) && !isAllowed("127.0.0.1")) throw new PrivateAddressError(host);
}

const OWN_NAME = /^[^.]+\.?$|\.(local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)\.?$/i;
