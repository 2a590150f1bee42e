import type { AnswerHeaders } from "../budget/rate-headers.ts";
import { Pool, type Dispatcher } from "undici";

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

export interface HttpAnswer {
  status: number;
  headers: AnswerHeaders;
  /** Parsed JSON; undefined where the body is not JSON. */
  body: unknown;
}

/** One HTTP request, one answer. Knows no retries and no permits. */
export interface Transport {
  /** `path` is relative to the base URL. Rejects with the network's error, or with the signal's reason. */
  send(method: "GET" | "PATCH", path: string, body: string | null, signal?: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export function createTransport(options: {
  baseUrl: string;
  token: string;
  userAgent: string;
  timeouts: Timeouts;
}): Transport {
  const { origin, pathname } = new URL(options.baseUrl);
  const prefix = pathname.replace(/\/+$/, "");
  const { connectMs, headersMs, bodyMs, wholeBodyMs } = options.timeouts;
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    // Over HTTP/2 all calls share one connection, and all of them fail with it.
    allowH2: false,
    connect: { timeout: connectMs },
    headersTimeout: headersMs,
    bodyTimeout: bodyMs,
  });
  const headers = {
    authorization: `Bearer ${options.token}`,
    accept: "application/json",
    "user-agent": options.userAgent,
  };
  const headersWithBody = { ...headers, "content-type": "application/json" };

  return {
    async send(method, path, body, signal) {
      const answer = await pool.request({
        method,
        path: prefix + path,
        headers: body === null ? headers : headersWithBody,
        body,
        signal,
      });
      const text = await readBody(answer, wholeBodyMs);
      return { status: answer.statusCode, headers: answer.headers, body: parseJson(text) };
    },
    close: () => pool.destroy(),
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

async function readBody({ headers, body }: Dispatcher.ResponseData, wholeBodyMs: number): Promise<string> {
  const tooLate = setTimeout(() => {
    body.destroy(new BodyError("BODY_TOO_SLOW", `the body did not end within ${wholeBodyMs / SECOND} s`));
  }, wholeBodyMs);
  try {
    const length = Number(headers["content-length"]);
    if (length <= MAX_BODY_BYTES) return await body.text();
    return await readCapped(body);
  } finally {
    clearTimeout(tooLate);
  }
}

/** For a body that is too long, or does not say how long it is. */
async function readCapped(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new BodyError("BODY_TOO_LARGE", `the body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
