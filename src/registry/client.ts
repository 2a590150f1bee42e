import { NO_PROXIES, proxyFor, type ProxySettings } from "../proxy.ts";
import { VERSION } from "../version.ts";
import type { Budget } from "../budget/budget.ts";
import { DEFAULT_RETRIES, makeCall, type CallContext, type RequestInfo, type RetryOptions } from "./call.ts";
import type { Entry, EntryUpdate } from "./entry.ts";
import { isAccepted, parseEntryAnswer, parsePageAnswer, type Page, type ShownEntry } from "./envelope.ts";
import { listEntries, type ListOptions } from "./listing.ts";
import { createTransport, DEFAULT_TIMEOUTS, type Timeouts } from "./transport.ts";

export type { RequestInfo } from "./call.ts";
export type { Page } from "./envelope.ts";

export interface RegistryClientOptions {
  /** Without a slash at the end. */
  baseUrl: string;
  accountId: string;
  /** Goes into the Authorization header and nowhere else. */
  token: string;
  /** Every request, retries included, takes a permit from it first. */
  budget: Budget;
  /** Default: none, the API is reached directly. */
  proxy?: ProxySettings | undefined;
  /** Default `bulkpatch/<version>`. */
  userAgent?: string | undefined;
  retries?: Partial<RetryOptions> | undefined;
  timeouts?: Partial<Timeouts> | undefined;
  onRequest?: ((info: RequestInfo) => void) | undefined;
}

export interface CallOptions {
  /**
   * Stops the call, also while it waits for its permit or between two tries; it then rejects with the signal's reason. A PATCH
   * that was sent is heard out first, which takes as long as the time-outs at the most, and its answer counts.
   */
  signal?: AbortSignal | undefined;
  /** Sends one request only, whatever comes of it. Default false. */
  once?: boolean | undefined;
}

/** What is worth keeping about an answer. */
interface AnswerRecord {
  status: number;
  rayId: string | null;
  auditLogId: string | null;
  /** Requests made, retries included. */
  attempts: number;
}

/** An entry as the API answered it. */
export type EntryAnswer = ShownEntry & AnswerRecord;

/** An accepted change; `entry` is null where the answer does not show the entry, so that only reading it tells what it has now. */
export type UpdateAnswer = (ShownEntry | { entry: null }) & AnswerRecord;

/**
 * The impersonation registry of one account. Calls reject with RefusedError, HaltError or TransientError (errors.ts), or
 * with the signal's reason; a 429 is waited out.
 */
export interface RegistryClient {
  /** One page, the oldest entries first. `page` counts from 1; `perPage` is 1 to 1,000. */
  listPage(page: number, perPage: number, options?: CallOptions): Promise<Page>;
  /** Every entry once, page by page. Throws ListingUnstableError when the registry changes faster than it can be read. */
  list(options?: ListOptions): AsyncIterable<Entry>;
  get(id: string, options?: CallOptions): Promise<EntryAnswer>;
  /** Changes only the fields of `set`. Safe to repeat. */
  update(id: string, set: EntryUpdate, options?: CallOptions): Promise<UpdateAnswer>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** A client for one account's registry. It sends nothing without a permit of its budget; the caller closes it. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { baseUrl, accountId, token, budget, userAgent = `bulkpatch/${VERSION}`, onRequest = () => {} } = options;
  const proxy = options.proxy ?? NO_PROXIES;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const context: CallContext = {
    transport: createTransport({ baseUrl, token, userAgent, timeouts, proxy }),
    host: hostOf(baseUrl),
    proxy: proxyFor(baseUrl, proxy),
    budget,
    retries: { ...DEFAULT_RETRIES, ...options.retries },
    token,
    onRequest,
  };
  const registryPath = `/accounts/${encodeURIComponent(accountId)}/email-security/settings/impersonation_registry`;

  async function getEntry(id: string, options: CallOptions): Promise<EntryAnswer> {
    const { value, ...answer } = await makeCall(
      {
        ...options,
        kind: "get",
        method: "GET",
        path: `${registryPath}/${encodeURIComponent(id)}`,
        body: null,
        doing: `reading entry ${id}`,
        parse: (body) => parseEntryAnswer(body, id),
      },
      context,
    );
    return { ...value, ...answer };
  }

  async function updateEntry(id: string, set: EntryUpdate, options: CallOptions): Promise<UpdateAnswer> {
    const { value, ...answer } = await makeCall(
      {
        ...options,
        kind: "patch",
        method: "PATCH",
        path: `${registryPath}/${encodeURIComponent(id)}`,
        body: JSON.stringify(set),
        doing: `updating entry ${id}`,
        parse: (body, isEmpty) => parseEntryAnswer(body, id) ?? (isAccepted(body, isEmpty) ? { entry: null } : null),
      },
      context,
    );
    return { ...value, ...answer };
  }

  async function listPage(
    page: number,
    perPage: number,
    { order = "created_at", signal }: PageOptions = {},
  ): Promise<Page> {
    const { value } = await makeCall(
      {
        kind: "list",
        method: "GET",
        path: `${registryPath}?page=${page}&per_page=${perPage}&order=${order}&direction=asc`,
        body: null,
        doing: `listing the registry, page ${page}`,
        parse: (body) => parsePageAnswer(body, { page, perPage }),
        signal,
      },
      context,
    );
    return value;
  }

  return {
    listPage: (page, perPage, { signal } = {}) => listPage(page, perPage, { signal }),
    list: (listOptions) => listEntries(listPage, listOptions),
    get: (id, callOptions = {}) => getEntry(id, callOptions),
    update: (id, set, callOptions = {}) => updateEntry(id, set, callOptions),
    close: () => context.transport.close(),
  };
}

interface PageOptions extends CallOptions {
  order?: "created_at" | "email" | "name";
}

/** With its port, also where that goes without saying. */
function hostOf(baseUrl: string): string {
  const { protocol, hostname, port } = new URL(baseUrl);
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}
