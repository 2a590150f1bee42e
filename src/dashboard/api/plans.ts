import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { OUTCOMES } from "../../runs/outcome.ts";
import { viewOf } from "../../runs/view.ts";
import { planUpload, startKeptPlan } from "../actions/plan-actions.ts";
import type { Desk } from "../desk.ts";
import { findPlanRows } from "../facts/find-plan-rows.ts";
import { Next, Paging } from "../paging.ts";
import type { KeptPlan } from "../plans/kept-plans.ts";
import { receiveUpload } from "../plans/receive-upload.ts";
import { actionRoute, apiRoute, formRoute } from "../route.ts";
import { PlanRowView, PlanView, RunView, viewPlan, viewPlanRow } from "../views.ts";

export const PlanParams = z.object({ plan: z.uuid() });

export const makePlan = apiRoute({
  method: "POST",
  path: "/api/v1/plans",
  right: "operator",
  summary: "Upload a spreadsheet (multipart: file, options as JSON) and hold it against the registry; changes nothing",
  status: 201,
  answer: PlanView,
  handle: async ({ desk, request }) => await viewPlan(await receivePlan(desk, request)),
});

/** The upload of the page New run: on to the plan. */
export const uploadForm = formRoute({
  path: "/new",
  right: "operator",
  handle: async ({ desk, request }) => `/new/${(await receivePlan(desk, request)).id}`,
});

export const getPlan = apiRoute({
  method: "GET",
  path: "/api/v1/plans/:plan",
  right: "viewer",
  summary: "A plan that waits to be started",
  params: PlanParams,
  answer: PlanView,
  handle: async ({ desk, params }) => await viewPlan(await desk.plans.find(params.plan)),
});

/** What rows of a plan can be looked for by. */
export const PlanRowFilter = Paging.extend({
  outcome: z.enum(["update", ...OUTCOMES]).optional(),
  warned: z.stringbool().optional().describe("only rows with a warning"),
  after: z.coerce.number().int().min(0).optional().describe("`next` of the page before"),
});

export const listPlanRows = apiRoute({
  method: "GET",
  path: "/api/v1/plans/:plan/rows",
  right: "viewer",
  summary: "Rows of a plan, in the spreadsheet's order",
  params: PlanParams,
  query: PlanRowFilter,
  answer: z.object({ rows: z.array(PlanRowView), next: Next }),
  handle: async ({ desk, params, query }) => {
    const { rows, next } = await findPlanRows(await desk.plans.find(params.plan), query);
    return { rows: rows.map(viewPlanRow), next: next === null ? null : String(next) };
  },
});

export const startPlan = actionRoute({
  path: "/plans/:plan/run",
  right: "operator",
  summary: "Start a plan as a run, by the digest of what was looked at",
  params: PlanParams,
  body: z.object({ digest: z.string().max(100).default("") }),
  status: 202,
  answer: RunView,
  act: async ({ desk, params, body, asker }) => await startKeptPlan(desk, params.plan, body.digest, asker),
  view: viewOf,
  next: ({ id }) => `/runs/${id}`,
});

export const discardPlan = formRoute({
  path: "/plans/:plan/discard",
  right: "operator",
  params: PlanParams,
  handle: async ({ desk, params }) => {
    await desk.plans.forget(params.plan);
    return "/new";
  },
});

async function receivePlan(desk: Desk, request: FastifyRequest): Promise<KeptPlan> {
  const upload = await receiveUpload(request, await desk.plans.folder(), desk.mostUploadBytes);
  const gone = new AbortController();
  const onClose = (): void => gone.abort(new Error("the sender has gone"));
  request.raw.socket.once("close", onClose);
  try {
    return await planUpload(desk, upload, { by: request.visitor!.by }, gone.signal);
  } finally {
    request.raw.socket.off("close", onClose);
  }
}
