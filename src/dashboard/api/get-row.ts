import { findRun } from "../../runs/control.ts";
import { findRow } from "../facts/find-rows.ts";
import { apiRoute } from "../route.ts";
import { RowParams } from "../run-params.ts";
import { RowView, viewRow } from "../views.ts";

export const getRow = apiRoute({
  method: "GET",
  path: "/api/v1/runs/:run/rows/:row",
  right: "viewer",
  summary: "One row of a run",
  params: RowParams,
  answer: RowView,
  handle: async ({ desk, params }) => {
    const run = await findRun(desk.backend, params.run);
    return viewRow(await findRow(desk.backend, run, params.row));
  },
});
