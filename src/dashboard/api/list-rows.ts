import { z } from "zod";
import { findRun } from "../../runs/control.ts";
import { OUTCOMES } from "../../runs/outcome.ts";
import { findRows } from "../facts/find-rows.ts";
import { Next, Paging } from "../paging.ts";
import { apiRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { RowView, viewRow } from "../views.ts";

/** What rows can be looked for by. */
export const RowFilter = Paging.extend({
  outcome: z
    .enum([...OUTCOMES, "open"])
    .optional()
    .describe("open: none yet"),
  code: z.coerce.number().int().optional().describe("Cloudflare's own error code"),
  q: z.string().max(200).optional().describe("a part of an address, a name, an id or a cell"),
  after: z.coerce.number().int().min(0).optional().describe("`next` of the page before"),
});

export const listRows = apiRoute({
  method: "GET",
  path: "/api/v1/runs/:run/rows",
  right: "viewer",
  summary: "Rows of a run, in the spreadsheet's order",
  params: RunParams,
  query: RowFilter,
  answer: z.object({ rows: z.array(RowView), next: Next }),
  handle: async ({ desk, params, query }) => {
    const run = await findRun(desk.backend, params.run);
    const { rows, next } = await findRows(desk.backend, run, query);
    return { rows: rows.map(viewRow), next: next === null ? null : String(next) };
  },
});
