import type { ServerResponse } from "node:http";
import type { DemoApi } from "./demo-api.ts";
import { deliver } from "./delivery.ts";
import type { Script } from "./faults.ts";
import type { DemoApiSettings } from "./settings.ts";

/**
 * Answers the test that runs the stand-in as its own process:
 * `GET /__demo/entries`, `GET /__demo/requests?from=N`, `GET /__demo/most?windowMs=N`, `GET /__demo/stranger`,
 * `GET|PATCH /__demo/settings`, `POST /__demo/script`, `PUT /__demo/entries` (a list: adds or replaces).
 */
export function answerControl(
  api: DemoApi,
  method: string,
  path: string,
  body: string,
  response: ServerResponse,
): void {
  const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
  const call = `${method} ${pathname.slice("/__demo/".length)}`;
  const handler = HANDLERS[call];
  if (handler === undefined) {
    const known = Object.keys(HANDLERS).join(", ");
    deliver(response, { status: 404, body: JSON.stringify({ error: `unknown call ${call}, known: ${known}` }) }, {});
    return;
  }
  try {
    const result = handler(api, searchParams, body === "" ? null : JSON.parse(body));
    deliver(response, { status: 200, body: JSON.stringify(result ?? null) }, {});
  } catch (error) {
    deliver(response, { status: 400, body: JSON.stringify({ error: String(error) }) }, {});
  }
}

type Handler = (api: DemoApi, query: URLSearchParams, body: unknown) => unknown;

const HANDLERS: Record<string, Handler | undefined> = {
  "GET entries": (api) => api.entries(),
  "PUT entries": (api, _query, body) => {
    for (const entry of body as ReturnType<DemoApi["entries"]>) api.registry.set(entry.id, entry);
  },
  "GET requests": (api, query) => api.requests().slice(Number(query.get("from") ?? 0)),
  "GET most": (api, query) => api.mostInWindow(Number(query.get("windowMs"))),
  "GET stranger": (api) => api.strangerRequests(),
  "GET settings": (api) => api.settings(),
  "PATCH settings": (api, _query, body) => {
    api.set(body as Partial<DemoApiSettings>);
    return api.settings();
  },
  "POST script": (api, _query, body) => api.script(body as Script),
};
