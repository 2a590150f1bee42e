import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { RequestError } from "../explained-error.ts";
import { guard } from "./access/guard.ts";
import type { AccessLog } from "./access-log.ts";
import type { Desk } from "./desk.ts";
import { collectOpenapi } from "./openapi.ts";
import { errorPage } from "./pages/error.ts";
import { Problem, problemOf } from "./problem.ts";
import { QUEUES_PATH } from "./queues.ts";
import { pathOf, sendPage } from "./route.ts";
import { ROUTES } from "./routes.ts";

export interface ServerOptions {
  desk: Desk;
  /** As in the settings. */
  origin: string | null;
  proxies: string[];
}

const KIB = 1024;

/** The dashboard's server, with all its routes; not yet listening. */
export async function buildServer({ desk, origin, proxies }: ServerOptions): Promise<FastifyInstance> {
  const { log } = desk;
  const app = fastify({
    trustProxy: proxies.length > 0 ? proxies : false,
    bodyLimit: 64 * KIB,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler(() => {
    throw new RequestError("page_not_found", "there is nothing at this address", "the overview leads to all there is");
  });
  // A form sends what was left empty, too.
  app.addHook("preValidation", async ({ query }) => {
    for (const [name, value] of Object.entries(query as Record<string, unknown>))
      if (value === "") delete (query as Record<string, unknown>)[name];
  });
  app.addHook("onSend", async (_request, reply) => {
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
  });
  app.addHook("onResponse", async (request, reply) => {
    log.answered({
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      by: request.visitor?.by ?? request.ip,
    });
  });
  await app.register(cookie);
  guard(app, { door: desk.door, origin, mounted: { [QUEUES_PATH]: "operator" } });
  await app.register(formbody);
  await app.register(multipart, {
    limits: { files: 1, fields: 40, fieldSize: 64 * KIB, fileSize: desk.mostUploadBytes },
  });
  await app.register(helmet, policy(origin));
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) =>
      new RequestError("too_many_tries", `too many tries from this address`, `wait ${after}, then try again`),
  });
  await collectOpenapi(app);
  for (const route of ROUTES) route(app, desk);
  app.addHook("onClose", async () => await desk.plans.close());
  return app;
}

function policy(origin: string | null): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
      },
    },
    hsts: origin === null ? false : { maxAge: 365 * 24 * 3600, includeSubDomains: false },
    referrerPolicy: { policy: "same-origin" },
  };
}

async function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: AccessLog,
): Promise<FastifyReply> {
  const problem = problemOf(error);
  if (problem.code === "bug") log.failed(error as Error, routeOf(request));
  void reply.status(problem.status);
  if (isForPeople(request)) {
    if (problem.code === "login_required" && request.method === "GET")
      return await reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
    return sendPage(errorPage(problem), request, reply);
  }
  return await reply.type("application/problem+json").serializer(JSON.stringify).send(Problem.parse(problem));
}

/** A page was asked for, and not data. */
function isForPeople(request: FastifyRequest): boolean {
  return !/^\/(?:api\/|metrics$|healthz$|readyz$)/.test(pathOf(request));
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "(none)";
}
