import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import { RequestError } from "../explained-error.ts";
import { unfinishedRuns } from "./facts/overview.ts";
import type { Route } from "./route.ts";

/** Where Bull Board is; the guard asks for the operator's right below it. */
export const QUEUES_PATH = "/queues";
const LOOK_AGAIN_MS = 2_000;

/** Bull Board brings styles of its own inside the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Bull Board with the queues of unfinished runs, to look at only: what it could do besides is refused before it hears of it.
 * For operators: a job is the inside of a run.
 */
export const queuesRoutes: Route = (app, { backend, now }) => {
  const adapters = new Map<string, { adapter: BullMQAdapter; close: () => Promise<void> }>();
  const server = new FastifyAdapter();
  server.setBasePath(QUEUES_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: "bulkpatch" } },
  });
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    if (now() - lookedAt < LOOK_AGAIN_MS) return;
    lookedAt = now();
    const ids = new Set((await unfinishedRuns(backend)).map(({ id }) => id));
    for (const [id, { close }] of adapters) {
      if (ids.has(id)) continue;
      adapters.delete(id);
      await close();
    }
    for (const id of ids) {
      if (adapters.has(id)) continue;
      const queue = backend.queue(id);
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
      adapters.set(id, { adapter, close: async () => await queue.close() });
    }
    board.replaceQueues([...adapters.values()].map(({ adapter }) => adapter));
  }

  app.addHook("onClose", async () => {
    for (const { close } of adapters.values()) await close();
  });
  void app.register(
    async (scope) => {
      scope.addHook("onRequest", async (request, reply) => {
        if (request.method !== "GET" && request.method !== "HEAD")
          throw new RequestError("read_only", "the queues can only be looked at", "act on the run's own page");
        void reply.header("content-security-policy", POLICY);
        await refresh();
      });
      // Nothing is asked of any other host, so the web font it wants is taken out of its page.
      scope.addHook("onSend", async (_request, _reply, payload) =>
        typeof payload === "string" ? payload.replaceAll(/<link href="https:[^>]*>/g, "") : payload,
      );
      // Errors are told as everywhere, and who is not logged in is sent to the login: it may not put its own handler here.
      Object.assign(scope, { setErrorHandler: () => scope });
      await scope.register(server.registerPlugin());
    },
    { prefix: QUEUES_PATH },
  );
};
