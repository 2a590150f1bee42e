import { type Dispatcher, request } from "undici";
import type { ProxySettings } from "../proxy.ts";
import type { Bytes } from "./file-bytes.ts";
import { assertAllowedHost, type GuardOptions, makeGuardedDispatcher } from "./guarded-dispatcher.ts";
import { isPublicAddress, PrivateAddressError } from "./public-address.ts";
import { SourceError } from "./source.ts";

const SECOND = 1000;
const MIB = 1024 * 1024;

/** How far a download may go. */
export interface DownloadLimits {
  /** Default 256 MiB. */
  maxBytes: number;
  /** From the first connection to the last byte; default 10 minutes. */
  totalMs: number;
  /** For each answer to begin, and between two pieces of it; default 30 seconds. */
  idleMs: number;
}

const LIMITS: DownloadLimits = { maxBytes: 256 * MIB, totalMs: 600 * SECOND, idleMs: 30 * SECOND };
const MOST_REDIRECTS = 5;

export interface DownloadOptions {
  /** Whether an IP address may be connected to; default `isPublicAddress`. */
  isAllowed?: (address: string) => boolean;
  /** Certificate authorities (PEM) to trust instead of the system's. */
  ca?: string;
  limits?: Partial<DownloadLimits>;
  /** Default: none. */
  proxy?: ProxySettings;
  /** A bearer token. It is sent to the address's own origin alone, and never shown. */
  token?: string;
}

/** By which a server knows whether a file has changed since. */
export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

/**
 * Downloads a spreadsheet. Each address on the way, redirects included, must be https and public (unless allowed otherwise).
 * Nothing is sent but the request itself: no cookie, and no token but the one that was given.
 * @throws SourceError `address_not_https`, `address_private`, `address_is_sheet_link`, `address_has_password`, `download_failed`,
 * and while reading `download_too_large`, `download_failed`. What follows `?` in an address may be a secret and is never shown.
 */
export async function openHttps(address: string, options: DownloadOptions): Promise<Bytes> {
  return (await openHttpsIfChanged(address, options, { etag: null, lastModified: null }))!;
}

/** The same, but null where the server says that the file is still the one with these validators. */
export async function openHttpsIfChanged(
  address: string,
  options: DownloadOptions,
  known: Validators,
): Promise<(Bytes & Validators) | null> {
  const limits = { ...LIMITS, ...options.limits };
  const isAllowed = options.isAllowed ?? isPublicAddress;
  const guard = { isAllowed, proxy: options.proxy };
  const agent = makeGuardedDispatcher(guard, { ca: options.ca, idleMs: limits.idleMs });
  const signal = AbortSignal.timeout(limits.totalMs);
  try {
    const url = parseAddress(address);
    const { body, headers, statusCode } = await follow(url, agent, signal, { ...guard, token: options.token }, known);
    if (statusCode === 304) {
      await agent.destroy();
      return null;
    }
    return {
      name: nameOf(url),
      etag: oneHeader(headers.etag),
      lastModified: oneHeader(headers["last-modified"]),
      // recorded with a run, so an address whose query may be a key is not kept
      path: url.search === "" ? url.href : null,
      chunks: capped(body, shown(url), limits.maxBytes),
      close: () => agent.destroy(),
    };
  } catch (error) {
    await agent.destroy();
    throw explain(address, error);
  }
}

/** The answer that has the file, or says that it has not changed. */
async function follow(
  start: URL,
  agent: Dispatcher,
  signal: AbortSignal,
  { token, ...guard }: GuardOptions & { token: string | undefined },
  known: Validators,
): Promise<Dispatcher.ResponseData> {
  const conditions = {
    ...(known.etag === null ? {} : { "if-none-match": known.etag }),
    ...(known.lastModified === null ? {} : { "if-modified-since": known.lastModified }),
  };
  let url = start;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    assertHttps(url, hop);
    await assertAllowedHost(url, guard);
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      headers: {
        accept: "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, */*;q=0.5",
        ...conditions,
        ...(token !== undefined && url.origin === start.origin ? { authorization: `Bearer ${token}` } : {}),
      },
    });
    const { location } = answer.headers;
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === "string") {
      await answer.body.dump();
      url = new URL(location, url);
      continue;
    }
    if (answer.statusCode === 200) return answer;
    if (answer.statusCode === 304 && Object.keys(conditions).length > 0) {
      await answer.body.dump();
      return answer;
    }
    await answer.body.dump();
    throw failed(url, `the status ${answer.statusCode}`, remedyFor(answer.statusCode));
  }
  throw failed(start, `more than ${MOST_REDIRECTS} redirects`, "Give the address that the redirects lead to.");
}

function parseAddress(address: string): URL {
  if (!URL.canParse(address))
    throw new SourceError(
      "address_not_https",
      "expected an https:// address, found one that is not valid",
      "Check the address.",
    );
  const url = new URL(address);
  const { hostname, pathname } = url;
  if (
    hostname === "docs.google.com" &&
    /^\/spreadsheets\/(?:.*\/(?:edit|view|htmlview|preview|copy)?|(?:u\/\d+\/)?d\/[^/]+)$/.test(pathname)
  ) {
    throw new SourceError(
      "address_is_sheet_link",
      `${shown(url)}: expected the address of a file, found a link that opens Google Sheets`,
      "In Google Sheets choose File > Download > Comma-separated values (.csv), and give that file.",
    );
  }
  return url;
}

function assertHttps(url: URL, hop: number): void {
  if (url.protocol !== "https:") {
    throw new SourceError(
      "address_not_https",
      `${shown(url)}: expected an https:// address, found ${url.protocol}//${hop > 0 ? " in a redirect" : ""}`,
      "Use an address that begins with https://, or download the file and give its path.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new SourceError(
      "address_has_password",
      `${shown(url)}: expected an address without user and password, found one with them`,
      "Use an address that needs none, or download the file and give its path.",
    );
  }
}

async function* capped(body: AsyncIterable<Buffer>, address: string, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new SourceError(
          "download_too_large",
          `${address}: expected at most ${Math.round(maxBytes / MIB)} MiB, found more`,
          "Download the file yourself and give its path, or publish a smaller one.",
        );
      }
      yield chunk;
    }
  } catch (error) {
    throw explain(address, error);
  }
}

function explain(address: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const where = URL.canParse(address) ? shown(new URL(address)) : address;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
  if (cause instanceof PrivateAddressError) {
    return new SourceError(
      "address_private",
      `${where}: expected a public address, found ${cause.address}, which is inside a private range`,
      "If that is where it is meant to come from, allow it with --allow-private-address.",
    );
  }
  const what = cause.name === "TimeoutError" ? "it took too long" : cause.message;
  return new SourceError(
    "download_failed",
    `${where}: the download failed: ${what}`,
    "Check the address and the network, and try again.",
  );
}

function failed(url: URL, found: string, remedy: string): SourceError {
  return new SourceError("download_failed", `${shown(url)}: expected a file, found ${found}`, remedy);
}

function remedyFor(status: number): string {
  if (status === 401 || status === 403)
    return "The server wants a login. Use an address that needs none, or download the file and give its path.";
  if (status === 404 || status === 410) return "Check the address; the file may have been moved.";
  return "Try again later, or download the file and give its path.";
}

/** Host and path alone. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function oneHeader(value: string | string[] | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function nameOf(url: URL): string {
  const last = url.pathname.split("/").findLast((part) => part !== "");
  if (last === undefined) return url.host;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
