import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { VERSION } from "../version.ts";
import { PlanOptions } from "./plans/plan-options.ts";
import type { Route } from "./route.ts";
import { VIEWS } from "./view-registry.ts";

const transformObject = createJsonSchemaTransformObject({ schemaRegistry: VIEWS });

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
    transformObject: (document) => withUpload(withoutUnused(transformObject(document) as Document)) as never,
  });
}

/** The description of the HTTP API, made from the schemas that check it. */
export const openapiRoute: Route = (app) => {
  app.get("/api/v1/openapi.json", { config: { right: "viewer" }, schema: { hide: true } }, async () => app.swagger());
};

interface Document {
  paths: Record<string, Record<string, object>>;
  components: { schemas: Record<string, object> };
}

/** Each schema has a form for input and one for output, of which most are never used. */
function withoutUnused({ components, ...rest }: Document): Document {
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name!)) continue;
      used.add(name!);
      follow(components.schemas[name!]);
    }
  };
  follow(rest.paths);
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => used.has(name)));
  return { ...rest, components: { ...components, schemas } };
}

/** An upload is read as it arrives, so Fastify knows of no body that could be described. */
function withUpload({ paths, ...rest }: Document): Document {
  const { $schema: _, ...options } = z.toJSONSchema(PlanOptions, { io: "input" });
  const schema = {
    type: "object",
    properties: { file: { type: "string", contentMediaType: "application/octet-stream" }, options },
    required: ["file"],
  };
  const encoding = { options: { contentType: "application/json" } };
  const requestBody = { required: true, content: { "multipart/form-data": { schema, encoding } } };
  const { post, ...others } = paths[UPLOAD]!;
  return { ...rest, paths: { ...paths, [UPLOAD]: { ...others, post: { ...post, requestBody } } } };
}

const UPLOAD = "/api/v1/plans";
