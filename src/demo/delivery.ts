import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Fault } from "./faults.ts";
import { refuse, type Answer } from "./registry-routes.ts";

/** Sends an answer as it is. Answers its status. */
export function deliver(response: ServerResponse, answer: Answer, headers: Record<string, string>): number {
  headers["content-type"] ??= "application/json; charset=utf-8";
  headers["content-length"] = String(Buffer.byteLength(answer.body));
  response.writeHead(answer.status, headers).end(answer.body);
  return answer.status;
}

/** Lets an answer meet a fault on its way. Answers the status that was sent, 0 where none was. */
export function deliverFault(
  response: ServerResponse,
  fault: Fault,
  answer: Answer,
  headers: Record<string, string>,
): number {
  switch (fault) {
    case "500":
      return deliver(response, refuse({ status: 500, code: 10500, message: "Internal server error" }), headers);
    case "502":
      headers["content-type"] = "text/html; charset=utf-8";
      return deliver(response, { status: 502, body: errorPage(502) }, headers);
    case "503":
      headers["content-type"] = "text/plain";
      return deliver(
        response,
        { status: 503, body: "upstream connect error or disconnect/reset before headers" },
        headers,
      );
    case "html":
      headers["content-type"] = "text/html; charset=utf-8";
      return deliver(response, { status: 200, body: errorPage(200) }, headers);
    case "broken-json":
      return deliver(response, { status: 200, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) }, headers);
    case "cut-off":
      headers["content-type"] = "application/json; charset=utf-8";
      headers["content-length"] = String(Buffer.byteLength(answer.body));
      response.writeHead(200, headers);
      response.write(answer.body.slice(0, Math.ceil(answer.body.length / 2)), () => response.destroy());
      return 200;
    case "reset":
    case "answer-lost":
      response.socket?.resetAndDestroy();
      return 0;
    case "hang":
      return 0;
    case "201":
      return deliver(response, answer.audited === true ? { ...answer, status: 201 } : answer, headers);
    case "204":
      if (answer.audited !== true) return deliver(response, answer, headers);
      response.writeHead(204, headers).end();
      return 204;
    case "partial":
      return deliver(response, answer.audited === true ? idAlone(answer) : answer, headers);
    case "gzip":
    case "br":
    case "deflate":
      return deliverCompressed(response, fault, answer, headers);
    case "503-wait":
      headers["retry-after"] = "120";
      return deliver(response, refuse({ status: 503, code: 10503, message: "Service unavailable" }), headers);
    case "404-word":
      return deliver(response, { status: 404, body: WORD_FOR_CODE }, headers);
    case "no-requests-left":
      headers["ratelimit"] = '"default";r=0;t=100000';
      return deliver(response, answer, headers);
    case "many-requests-left":
      headers["ratelimit"] = '"default";r=1000000;t=1';
      headers["ratelimit-policy"] = '"default";q=1000000;w=5';
      return deliver(response, answer, headers);
    case "429-day":
      headers["retry-after"] = "86400";
      return deliver(response, refuse({ status: 429, code: 10100, message: "Please wait" }), headers);
  }
}

const COMPRESSORS = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };

function deliverCompressed(
  response: ServerResponse,
  encoding: keyof typeof COMPRESSORS,
  { status, body }: Answer,
  headers: Record<string, string>,
): number {
  const compressed = COMPRESSORS[encoding](body);
  headers["content-type"] = "application/json; charset=utf-8";
  headers["content-encoding"] = encoding;
  headers["content-length"] = String(compressed.length);
  response.writeHead(status, headers).end(compressed);
  return status;
}

function idAlone(answer: Answer): Answer {
  const { result } = JSON.parse(answer.body) as { result: { id: string } };
  return { ...answer, body: JSON.stringify({ success: true, errors: [], messages: [], result: { id: result.id } }) };
}

const WORD_FOR_CODE = JSON.stringify({
  success: false,
  errors: [{ code: "not_found", message: "impersonation registry entry not found" }],
  messages: [],
  result: null,
});

function errorPage(status: number): string {
  const title = `${status} ${STATUS_CODES[status]}`;
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>cloudflare</p></body></html>`;
}
