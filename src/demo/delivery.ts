import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
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
      break;
  }
  return 0;
}

function errorPage(status: number): string {
  const title = `${status} ${STATUS_CODES[status]}`;
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>cloudflare</p></body></html>`;
}
