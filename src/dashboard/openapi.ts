import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { VERSION } from "../version.ts";
import type { Route } from "./route.ts";
import { VIEWS } from "./views.ts";

/** Gathers the schemas of the routes that come after it. */
export async function collectOpenapi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "bulkpatch",
        version: VERSION,
        description:
          "Bulk updates of a Cloudflare Email Security impersonation registry: what runs, and the means to act.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry: VIEWS }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry: VIEWS }),
  });
}

/** The description of the HTTP API, made from the schemas that check it. */
export const openapiRoute: Route = (app) => {
  app.get("/api/v1/openapi.json", { config: { right: "viewer" }, schema: { hide: true } }, async () => app.swagger());
};
