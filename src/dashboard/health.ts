import type { Route } from "./route.ts";

const HIDDEN = { config: { right: "public" }, schema: { hide: true } } as const;

/** Alive, and whether the datastore answers: for load balancers, without a token and without any fact. */
export const healthRoutes: Route = (app, { backend }) => {
  app.get("/healthz", HIDDEN, async (_request, reply) => await reply.send("ok\n"));
  app.get("/readyz", HIDDEN, async (_request, reply) => {
    const isReady = await backend.runs.list(1).then(
      () => true,
      () => false,
    );
    return await reply.status(isReady ? 200 : 503).send(isReady ? "ready\n" : "not ready\n");
  });
};
