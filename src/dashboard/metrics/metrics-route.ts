import type { Route } from "../route.ts";
import { Metrics } from "./metrics.ts";

/** For Prometheus, which brings the viewer's token: `authorization: { credentials: … }`. */
export const metricsRoute: Route = (app, desk) => {
  const metrics = new Metrics(desk);
  app.get("/metrics", { config: { right: "viewer" }, schema: { hide: true } }, async (_request, reply) => {
    void reply.type(metrics.contentType);
    return await reply.send(await metrics.render());
  });
};
