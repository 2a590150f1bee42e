import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { RequestError } from "../../explained-error.ts";
import { isFromOwnPage, isOwnHost } from "./addresses.ts";
import { bearerOf, type Door } from "./door.ts";
import { isAllowed, type Right, RIGHTS, type Visitor } from "./visitor.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route asks of who calls it. A route without it does not start. */
    right?: Right;
  }
  interface FastifyRequest {
    visitor: Visitor | null;
  }
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export interface GuardOptions {
  door: Door;
  /** As in the settings. */
  origin: string | null;
  /** Rights of whole plugins by the path they are mounted under, whose routes say none themselves. */
  mounted: Record<string, Right>;
}

/** The one place where it is decided whether a request goes further. Throws RequestError with a code that `statusOf` knows. */
export function guard(app: FastifyInstance, { door, origin, mounted }: GuardOptions): void {
  app.addHook("onRoute", (route) => {
    const { method, url } = route;
    const right = route.config?.right ?? Object.entries(mounted).find(([under]) => isUnder(url, under))?.[1];
    route.config = { ...route.config, right };
    if (right === undefined || !RIGHTS.includes(right))
      throw new Error(`the route ${String(method)} ${url} does not say which right it asks for`);
  });
  app.decorateRequest("visitor", null);
  app.addHook("onRequest", async (request: FastifyRequest, reply: FastifyReply) => {
    if (!isOwnHost(request.headers.host, origin)) {
      throw new RequestError(
        "host_not_allowed",
        "this address is not one that the dashboard answers to",
        "use its IP address or localhost, or set BULKPATCH_DASHBOARD_ORIGIN to the address it is reached under",
      );
    }
    const isUnsafe = !SAFE.has(request.method);
    if (isUnsafe && bearerOf(request) === null && !isFromOwnPage(request.headers, origin)) {
      throw new RequestError(
        "foreign_origin",
        "the request does not come from a page of this dashboard",
        "open the dashboard and press the button there; a script sends its token as `Authorization: Bearer …`",
      );
    }
    request.visitor = await door.visitorOf(request);
    // An address that nobody serves asks for the right to look: strangers don't learn which there are.
    const right = request.routeOptions.config.right ?? "viewer";
    if (isAllowed(request.visitor, right)) return;
    if (request.visitor === null) {
      void reply.header("www-authenticate", "Bearer");
      throw new RequestError("login_required", "this needs a token", "log in, or send `Authorization: Bearer <token>`");
    }
    throw new RequestError(
      "operator_required",
      "a viewer can look and not act",
      "log in with the operator's token (BULKPATCH_DASHBOARD_TOKEN)",
    );
  });
}

function isUnder(url: string, path: string): boolean {
  return url === path || url.startsWith(`${path}/`);
}
