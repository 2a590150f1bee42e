import { ASSET_NAMES, loadAsset } from "./assets.ts";
import type { Route } from "./route.ts";

const YEAR_S = 365 * 24 * 3600;

/** The assets, for everybody: the login page needs them. */
export const assetsRoute: Route = (app) => {
  for (const name of ASSET_NAMES) {
    app.get(`/assets/${name}`, { config: { right: "public" }, schema: { hide: true } }, async (_request, reply) => {
      const { body, type } = loadAsset(name);
      void reply.header("cache-control", `public, max-age=${YEAR_S}, immutable`);
      return await reply.type(type).send(body);
    });
  }
};
