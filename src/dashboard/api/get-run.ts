import { findRun } from "../../runs/control.ts";
import { progressOf } from "../facts/run-progress.ts";
import { apiRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { RunDetailView, viewRunDetail } from "../views.ts";

export const getRun = apiRoute({
  method: "GET",
  path: "/api/v1/runs/:run",
  right: "viewer",
  summary: "One run: how far it is, and who did what",
  params: RunParams,
  answer: RunDetailView,
  handle: async ({ desk, params }) => {
    const run = await findRun(desk.backend, params.run);
    return viewRunDetail(run, await progressOf(desk, run));
  },
});
