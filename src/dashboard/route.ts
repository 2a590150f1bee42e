import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Html } from "../html.ts";
import type { Asker } from "./actions/run-actions.ts";
import type { Right, Visitor } from "./access/visitor.ts";
import type { Desk } from "./desk.ts";
import { renderLayout } from "./pages/layout.ts";
import { answersOf } from "./problem.ts";

/** One line of the route table: puts itself into the server. */
export type Route = (app: FastifyInstance, desk: Desk) => void;

const Nothing = z.object({});

/** What a handler is given: its checked input, and who asks. */
export interface Call<Params, Query, Body> {
  desk: Desk;
  params: Params;
  query: Query;
  body: Body;
  /** Never null where the route asks for a right. */
  visitor: Visitor | null;
  request: FastifyRequest;
  reply: FastifyReply;
}

interface Spec<P extends z.ZodType, Q extends z.ZodType> {
  /** With parameters as `:name`. */
  path: string;
  right: Right;
  /** Default: none. */
  params?: P;
  query?: Q;
}

export interface ApiSpec<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Spec<P, Q> {
  method: "GET" | "POST";
  /** For openapi.json. */
  summary: string;
  body?: B;
  answer: A;
  /** Default 200. */
  status?: 200 | 201 | 202;
  handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.output<A>>;
}

/** A route of the HTTP API: JSON in and out, checked both ways. */
export function apiRoute<
  P extends z.ZodType = typeof Nothing,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = typeof Nothing,
  A extends z.ZodType = z.ZodType,
>(spec: ApiSpec<P, Q, B, A>): Route {
  const { method, path, right, summary, params, query, body, answer, status = 200, handle } = spec;
  return (app, desk) => {
    app.route({
      method,
      url: path,
      config: { right },
      schema: {
        summary,
        tags: [tagOf(path)],
        ...(params && { params }),
        ...(query && { querystring: query }),
        ...(body && { body }),
        response: answersOf(summary, { "application/json": answer }, status),
      },
      handler: async (request, reply) => {
        void reply.status(status);
        return await handle(callOf<P, Q, B>(desk, request, reply));
      },
    });
  };
}

/** A page: what stands in its middle. */
export interface Page {
  /** Of the browser's tab; the program's name is added. */
  title: string;
  main: Html;
  /** It is put up to date when something happens. */
  live?: boolean;
}

export interface PageSpec<P extends z.ZodType, Q extends z.ZodType> extends Spec<P, Q> {
  render: (call: Call<z.output<P>, z.output<Q>, unknown>) => Promise<Page>;
}

/** A page of the dashboard, inside the layout that all share. */
export function pageRoute<P extends z.ZodType = typeof Nothing, Q extends z.ZodType = typeof Nothing>({
  path,
  right,
  params,
  query,
  render,
}: PageSpec<P, Q>): Route {
  return (app, desk) => {
    app.route({
      method: "GET",
      url: path,
      config: { right },
      schema: { hide: true, ...(params && { params }), ...(query && { querystring: query }) },
      handler: async (request, reply) => {
        const page = await render(callOf<P, Q, typeof Nothing>(desk, request, reply));
        return await sendPage(page, request, reply);
      },
    });
  };
}

/** Sends a page in the layout. */
export function sendPage(page: Page, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.type("text/html; charset=utf-8");
  return reply.send(renderLayout({ ...page, visitor: request.visitor, path: pathOf(request) }).text);
}

export interface FormSpec<P extends z.ZodType, B extends z.ZodType> {
  path: string;
  right: Right;
  params?: P;
  body?: B;
  /** How often one address may try. Default: as often as it likes. */
  tries?: { max: number; timeWindow: number };
  /** Answers where the browser goes next. */
  handle: (call: Call<z.output<P>, unknown, z.output<B>>) => Promise<string>;
}

/** What a form on a page is sent to: does it, and sends the browser on with 303. */
export function formRoute<P extends z.ZodType = typeof Nothing, B extends z.ZodType = typeof Nothing>({
  path,
  right,
  params,
  body,
  tries,
  handle,
}: FormSpec<P, B>): Route {
  return (app, desk) => {
    app.route({
      method: "POST",
      url: path,
      config: { right, ...(tries && { rateLimit: tries }) },
      schema: { hide: true, ...(params && { params }), ...(body && { body }) },
      handler: async (request, reply) => {
        const next = await handle(callOf<P, typeof Nothing, B>(desk, request, reply));
        return await reply.redirect(next, 303);
      },
    });
  };
}

export interface ActionSpec<P extends z.ZodType, B extends z.ZodType, A extends z.ZodType, Done> {
  /** Of the page it stands on; the API has it under `/api/v1`. */
  path: string;
  right: Right;
  summary: string;
  params?: P;
  body?: B;
  answer: A;
  status?: 200 | 201 | 202;
  act: (call: Call<z.output<P>, unknown, z.output<B>> & { asker: Asker }) => Promise<Done>;
  view: (done: Done) => z.output<A>;
  /** The page that a browser is sent on to. */
  next: (done: Done) => string;
}

/** Something that one does, by the API and by a form on a page: the same, answered with JSON or with the way to the next page. */
export function actionRoute<
  A extends z.ZodType,
  Done,
  P extends z.ZodType = typeof Nothing,
  B extends z.ZodType = typeof Nothing,
>(spec: ActionSpec<P, B, A, Done>): Route {
  const { path, right, summary, params, answer, status, act, view, next } = spec;
  const body = spec.body ?? (Nothing as unknown as B);
  const api = apiRoute({
    method: "POST",
    path: `/api/v1${path}`,
    right,
    summary,
    params,
    // A request without a body is one with nothing in it.
    body: body.nullish(),
    answer,
    status,
    handle: async (call) => view(await act({ ...call, body: call.body ?? body.parse({}), asker: askerOf(call) })),
  });
  const form = formRoute({
    path,
    right,
    params,
    body,
    handle: async (call) => next(await act({ ...call, asker: askerOf(call) })),
  });
  return (app, desk) => {
    api(app, desk);
    form(app, desk);
  };
}

function askerOf({ visitor, request }: Pick<Call<unknown, unknown, unknown>, "visitor" | "request">): Asker {
  const key = request.headers["idempotency-key"];
  return { by: visitor!.by, key: typeof key === "string" ? key : undefined };
}

/** The address without its query, which may hold what somebody looked for. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0]!;
}

function callOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
): Call<z.output<P>, z.output<Q>, z.output<B>> {
  // What Fastify hands over has been through the schemas of this very route.
  const { params, query, body, visitor } = request as FastifyRequest<{
    Params: z.output<P>;
    Querystring: z.output<Q>;
    Body: z.output<B>;
  }>;
  return { desk, params, query, body, visitor, request, reply } as Call<z.output<P>, z.output<Q>, z.output<B>>;
}

/** `runs` of `/api/v1/runs/:run/rows`. */
function tagOf(path: string): string {
  return path.split("/")[3] ?? "server";
}
