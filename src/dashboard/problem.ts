import { z } from "zod";
import { SourceError } from "../changes/source.ts";
import { nameOptions } from "./plans/option-names.ts";
import { explainByCode } from "./remedies.ts";
import { type ExplainedError, isExplained, RequestError } from "../explained-error.ts";
import { VIEWS } from "./view-registry.ts";

/** Problem details (RFC 9457) with this program's `code` and `remedy`. */
export const Problem = z
  .object({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    remedy: z.string(),
  })
  .describe("What went wrong, in one line, and what to do next")
  .register(VIEWS, { id: "Problem" });
export type Problem = z.infer<typeof Problem>;

/** For openapi.json, how a route of the API answers: with a body of one of these media types, or with what went wrong. */
export function answersOf(
  description: string,
  bodies: Record<string, z.ZodType>,
  status: 200 | 201 | 202 = 200,
): Record<string, { description: string; content: Record<string, { schema: z.ZodType }> }> {
  const content = Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]));
  return {
    [status]: { description, content },
    default: { description: "what went wrong", content: { "application/problem+json": { schema: Problem } } },
  };
}

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Login required",
  403: "Not allowed",
  404: "Not found",
  409: "Not possible now",
  413: "Too large",
  415: "Not understood",
  422: "The file can't be used",
  429: "Too many tries",
  500: "Internal error",
  502: "Cloudflare refused",
  503: "Not available",
};

const STATUS_OF: Record<string, number> = {
  host_not_allowed: 403,
  foreign_origin: 403,
  login_required: 401,
  wrong_token: 401,
  operator_required: 403,
  request_invalid: 400,
  too_many_tries: 429,
  upload_too_large: 413,
};

/** What a caller is told about something that was thrown. What is not explained is our own bug, and says nothing of the inside. */
export function problemOf(error: unknown): Problem {
  const explained = explain(error);
  const status = statusOf(explained, error);
  return {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    detail: explained.message,
    code: explained.code,
    remedy: explained.remedy,
  };
}

function explain(error: unknown): Pick<ExplainedError, "code" | "message" | "remedy"> {
  if (error instanceof SourceError) {
    const { code, message, remedy } = error;
    return { code, message: nameOptions(message), remedy: nameOptions(remedy) };
  }
  if (isExplained(error)) return error;
  const byCode = explainByCode(error);
  if (byCode !== null) return byCode;
  const { validation, statusCode = 500, message } = error as Partial<FrameworkError>;
  if (validation) return new RequestError("request_invalid", message ?? "", "see /api/v1/openapi.json");
  if (statusCode < 500) return new RequestError("request_invalid", message ?? "", "see /api/v1/openapi.json");
  return new RequestError("bug", "something went wrong inside bulkpatch", "please report it, with what its log says");
}

/** What Fastify and its plugins throw. */
interface FrameworkError {
  validation: unknown;
  statusCode: number;
  message: string;
}

function statusOf({ code }: Pick<ExplainedError, "code">, error: unknown): number {
  const known = STATUS_OF[code];
  if (known !== undefined) return known;
  if (error instanceof SourceError) return 422;
  if (code.endsWith("_not_found")) return 404;
  if (error instanceof RequestError || explainByCode(error) !== null) return 409;
  if (!isExplained(error)) return (error as Partial<FrameworkError>).statusCode ?? 500;
  return error.name === "BackendError" ? 503 : 502;
}
