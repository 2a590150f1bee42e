import { isIP } from "node:net";

/** The host of a `Host` header without its port; null for what is none. */
function hostOf(header: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(header)?.[1]?.toLowerCase() ?? null;
}

/**
 * Whether the server answers to this name: addresses, `localhost` and names under it, and the host of `origin`. Any other name
 * may be somebody's own that points here, and a browser would take their page and this one for the same (DNS rebinding).
 */
export function isOwnHost(header: string | undefined, origin: string | null): boolean {
  const host = hostOf(header ?? "");
  if (host === null) return false;
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) return true;
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return origin !== null && host === new URL(origin).hostname;
}

export interface RequestOrigin {
  "sec-fetch-site"?: string | string[] | undefined;
  origin?: string | undefined;
  host?: string | undefined;
}

/**
 * Whether a browser sent this from one of our own pages. Browsers say it themselves (`Sec-Fetch-Site`), over plain http only to
 * the same machine; elsewhere the `Origin` header has to be the address that is asked.
 */
export function isFromOwnPage(headers: RequestOrigin, origin: string | null): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  if (headers.origin === undefined) return false;
  return headers.origin === origin || headers.origin === `http://${headers.host}`;
}

/** An address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
