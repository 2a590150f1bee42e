import type { Route } from "./route.ts";

/** Alive, and whether the datastore answers: for load balancers, without a token and without any fact. */
export const healthRoutes: Route = (app, { backend }) => {
  app.get("/healthz", { config: { right: "public" } }, async (_request, reply) => await reply.send("ok\n"));
  app.get("/readyz", { config: { right: "public" } }, async (_request, reply) => {
    const isReady = await backend.runs.list(1).then(
      () => true,
      () => false,
    );
    return await reply.status(isReady ? 200 : 503).send(isReady ? "ready\n" : "not ready\n");
  });
};
