import type { AnswerHeaders } from "../budget/rate-headers.ts";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { EnvHttpProxyAgent, Pool, type Dispatcher } from "undici";
import { proxyAgentOptions, proxyFor, type ProxySettings } from "../proxy.ts";

export interface Timeouts {
  /** Default 10 s. */
  connectMs: number;
  /** From the request to the answer's headers, default 30 s. */
  headersMs: number;
  /** From one piece of the body to the next, default 15 s. */
  bodyMs: number;
  /** From the answer's headers to its end, default 60 s. */
  wholeBodyMs: number;
}

const SECOND = 1000;
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10 * SECOND,
  headersMs: 30 * SECOND,
  bodyMs: 15 * SECOND,
  wholeBodyMs: 60 * SECOND,
};

/** No answer of this API comes near it: 1,000 entries take about half a megabyte. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** As many as a process ever has in flight. */
const MAX_CONNECTIONS = 256;

/** An answer that was heard to its end. */
export interface HttpAnswer {
  status: number;
  headers: AnswerHeaders;
  /** Parsed JSON; undefined where the body is not JSON. */
  body: unknown;
  /** There was no body at all, as with 204. */
  isEmpty: boolean;
}

/** One HTTP request, one answer. Knows no retries and no permits. */
export interface Transport {
  /** `path` is relative to the base URL. Rejects with the network's error, or with the signal's reason. */
  send(method: "GET" | "PATCH", path: string, body: string | null, signal?: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** HTTP/1.1 to one origin, through a proxy where there is one. The caller closes it. */
export function createTransport(options: {
  baseUrl: string;
  token: string;
  userAgent: string;
  timeouts: Timeouts;
  proxy: ProxySettings;
}): Transport {
  const { origin, pathname } = new URL(options.baseUrl);
  const prefix = pathname.replace(/\/+$/, "");
  const { connectMs, headersMs, bodyMs, wholeBodyMs } = options.timeouts;
  const settings = {
    connections: MAX_CONNECTIONS,
    // Over HTTP/2 all calls share one connection, and all of them fail with it.
    allowH2: false,
    connect: { timeout: connectMs },
    headersTimeout: headersMs,
    bodyTimeout: bodyMs,
  };
  const dispatcher =
    proxyFor(origin, options.proxy) === null
      ? new Pool(origin, settings)
      : new EnvHttpProxyAgent({ ...settings, ...proxyAgentOptions(options.proxy), connectTimeout: connectMs });
  const headers = {
    authorization: `Bearer ${options.token}`,
    accept: "application/json",
    "user-agent": options.userAgent,
  };
  const headersWithBody = { ...headers, "content-type": "application/json" };

  return {
    async send(method, path, body, signal) {
      const request = { origin, method, path: prefix + path, headers: body === null ? headers : headersWithBody, body };
      const { bytes, ...answer } = await exchange(dispatcher, request, signal, wholeBodyMs);
      const text = await readText(bytes, contentEncodings(answer.headers));
      return { ...answer, body: parseJson(text), isEmpty: text === "" };
    },
    close: () => dispatcher.destroy(),
  };
}

/** The body did not come to an end as it should. `code` as undici's own errors have it. */
class BodyError extends Error {
  override readonly name = "BodyError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Sends a request and hears its answer to the end. By undici's `dispatch`, as its `request` makes a stream of each body, which
 * takes a quarter of the time of a call.
 */
function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
  wholeBodyMs: number,
): Promise<Pick<HttpAnswer, "status" | "headers"> & { bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const chunks: Buffer[] = [];
    let length = 0;
    let status = 0;
    let headers: AnswerHeaders = {};
    let tooLate: NodeJS.Timeout | undefined;
    let connection: Dispatcher.DispatchController | null = null;
    const stop = (): void => {
      if (connection === null) end(() => reject(signal!.reason as Error));
      else connection.abort(signal!.reason as Error);
    };
    const end = (settle: () => void): void => {
      clearTimeout(tooLate);
      signal?.removeEventListener("abort", stop);
      settle();
    };
    signal?.addEventListener("abort", stop);
    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        connection = controller;
        if (signal?.aborted === true) controller.abort(signal.reason as Error);
      },
      onResponseStart(controller, statusCode, given) {
        if (statusCode < 200) return; // more follows
        status = statusCode;
        headers = given;
        const slow = `the body did not end within ${wholeBodyMs / SECOND} s`;
        tooLate = setTimeout(() => controller.abort(new BodyError("BODY_TOO_SLOW", slow)), wholeBodyMs);
      },
      onResponseData(controller, chunk) {
        length += chunk.length;
        if (length > MAX_BODY_BYTES) controller.abort(tooLarge());
        else chunks.push(chunk);
      },
      onResponseEnd() {
        end(() => resolve({ status, headers, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }));
      },
      onResponseError(_controller, error) {
        end(() => reject(error));
      },
    });
  });
}

async function readText(bytes: Buffer, encodings: readonly string[]): Promise<string> {
  const decoded = encodings.length === 0 ? bytes : await decode(bytes, encodings);
  const hasMark = decoded[0] === 0xef && decoded[1] === 0xbb && decoded[2] === 0xbf;
  return decoded.toString("utf8", hasMark ? 3 : 0);
}

function tooLarge(): BodyError {
  return new BodyError("BODY_TOO_LARGE", `the body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`);
}

/** In the order in which they were applied. None is asked for; a proxy or a filter on the way may compress all the same. */
function contentEncodings(headers: AnswerHeaders): string[] {
  return [headers["content-encoding"] ?? []]
    .flat()
    .flatMap((value) => value.toLowerCase().split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
}

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const gunzip: Decoder = promisify(zlib.gunzip);
const inflate: Decoder = promisify(zlib.inflate);
const inflateRaw: Decoder = promisify(zlib.inflateRaw);

const DECODERS: Record<string, Decoder | undefined> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  br: promisify(zlib.brotliDecompress),
  // Some servers leave out zlib's wrapper, whose first byte tells.
  deflate: (bytes, options) => ((bytes[0]! & 0x0f) === 8 ? inflate : inflateRaw)(bytes, options),
};

async function decode(bytes: Buffer, encodings: readonly string[]): Promise<Buffer> {
  let decoded = bytes;
  if (bytes.length === 0) return bytes;
  for (const encoding of encodings.toReversed()) {
    const decoder = DECODERS[encoding];
    if (decoder === undefined)
      throw new BodyError("BODY_ENCODING", `the body is in an encoding that was not asked for`);
    try {
      decoded = await decoder(decoded, { maxOutputLength: MAX_BODY_BYTES });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
      throw new BodyError("BODY_ENCODING", `the body is not the ${encoding} that it is said to be`);
    }
  }
  return decoded;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
