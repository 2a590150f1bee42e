import { z } from "zod";
import { OUTCOMES } from "../../runs/outcome.ts";
import type { Run } from "../../runs/run.ts";
import { viewOf } from "../../runs/view.ts";
import { cancel, pause, resume, retry, undo } from "../actions/run-actions.ts";
import { actionRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { RunView } from "../views.ts";

/** Of a form: an address may be chosen once or several times. */
function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item)]).optional();
}

function listOf<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : ([value].flat() as T[]);
}

const aboutRun = { right: "operator", params: RunParams, answer: RunView, view: viewOf, next: pageOf } as const;

export const pauseAction = actionRoute({
  ...aboutRun,
  path: "/runs/:run/pause",
  summary: "Pause a run: what is in flight ends, the rest waits",
  act: async ({ desk, params, asker }) => await pause(desk, params.run, asker),
});

export const resumeAction = actionRoute({
  ...aboutRun,
  path: "/runs/:run/resume",
  summary: "Let an unfinished run go on",
  body: z.object({
    max_changes: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .describe("entries that a run halted by its safety limit may update"),
  }),
  act: async ({ desk, params, asker, body }) => await resume(desk, params.run, asker, body.max_changes),
});

export const cancelAction = actionRoute({
  ...aboutRun,
  path: "/runs/:run/cancel",
  summary: "End a run: what was not tried is cancelled, and it can't be resumed",
  act: async ({ desk, params, asker }) => await cancel(desk, params.run, asker),
});

export const retryAction = actionRoute({
  ...aboutRun,
  path: "/runs/:run/retry",
  summary: "Try rows of a run again, as a new run",
  status: 202,
  body: z.object({
    outcomes: oneOrMore(z.enum(OUTCOMES)).describe("default: failed"),
    codes: oneOrMore(z.coerce.number().int()).describe("only rows with one of these error codes of Cloudflare"),
    name: z.string().trim().max(200).optional().describe("of the new run; default: retry of …"),
  }),
  act: async ({ desk, params, asker, body }) => {
    const apiCodes = listOf(body.codes);
    const outcomes = listOf(body.outcomes);
    const otherwise = apiCodes.length > 0 ? (["failed", "rejected_by_api"] as const) : (["failed"] as const);
    return await retry(desk, params.run, asker, {
      name: body.name || undefined,
      apiCodes,
      outcomes: outcomes.length > 0 ? outcomes : [...otherwise],
    });
  },
});

export const undoAction = actionRoute({
  ...aboutRun,
  path: "/runs/:run/undo",
  summary: "Put back the values from before a run, where nobody changed them since, as a new run",
  status: 202,
  act: async ({ desk, params, asker }) => await undo(desk, params.run, asker),
});

function pageOf({ id }: Run): string {
  return `/runs/${id}`;
}
