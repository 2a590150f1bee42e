import { Ajv2020 } from "ajv/dist/2020.js";
import { Door } from "../../src/dashboard/access/door.ts";
import { KeptPlans } from "../../src/dashboard/plans/kept-plans.ts";
import { buildServer } from "../../src/dashboard/server.ts";

export interface Openapi {
  paths: Record<string, Record<string, { summary?: string; responses: Record<string, { content?: object }> }>>;
  components: { schemas: Record<string, unknown> };
}

const ID = "bulkpatch";
let document: Promise<Openapi> | null = null;
let ajv: Ajv2020 | null = null;

/** openapi.json as the server gives it. */
export async function describedApi(): Promise<Openapi> {
  document ??= (async () => {
    const tokens = { operator: null, viewer: null };
    const door = new Door({ tokens, leases: {} as never, secure: false, now: Date.now });
    const log = { answered: () => undefined, failed: () => undefined };
    const desk = { door, log, plans: new KeptPlans(Date.now) } as never;
    const app = await buildServer({ desk, origin: null, proxies: [] });
    await app.ready();
    const described = app.swagger() as unknown as Openapi;
    await app.close();
    return described;
  })();
  return await document;
}

/** `GET /api/v1/runs/{run}` of a request; null where none is described. */
export function operationOf({ paths }: Openapi, method: string, path: string): string | null {
  const bare = path.split("?", 1)[0]!;
  const found = Object.keys(paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(bare),
  );
  return found !== undefined && method.toLowerCase() in paths[found]! ? `${method} ${found}` : null;
}

/** Throws where an answer of the API is not as openapi.json says. The answer can be read all the same. */
export async function assertDescribed(method: string, path: string, answer: Response): Promise<void> {
  const api = await describedApi();
  const operation = operationOf(api, method, path);
  const type = answer.headers.get("content-type")?.split(";", 1)[0] ?? "";
  const status = String(answer.status);
  if (operation === null) {
    if (answer.ok) throw new Error(`${method} ${path}: answered with ${status}, and is not described`);
    return;
  }
  const template = operation.slice(method.length + 1);
  const { responses } = api.paths[template]![method.toLowerCase()]!;
  const key = status in responses ? status : "default";
  if (!(type in (responses[key]?.content ?? {})))
    throw new Error(`${operation}: answered with ${status} and ${type}, which is not described`);
  if (!type.endsWith("json")) return;
  ajv ??= new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).addSchema(api, ID);
  const parts = ["paths", template, method.toLowerCase(), "responses", key, "content", type, "schema"];
  const pointer = parts.map((part) => part.replaceAll("/", "~1")).join("/");
  const validate = ajv.getSchema(`${ID}#/${encodeURI(pointer)}`)!;
  if (validate(await answer.clone().json())) return;
  throw new Error(`${operation}, ${status}: ${ajv.errorsText(validate.errors)}\n${await answer.clone().text()}`);
}
