import { z } from "zod";
import { RUN_STATES } from "../../runs/run.ts";
import { viewOf } from "../../runs/view.ts";
import { Next, Paging } from "../paging.ts";
import { findRuns } from "../facts/find-runs.ts";
import { apiRoute } from "../route.ts";
import { RunView } from "../views.ts";

/** What runs can be looked for by. */
export type RunFilter = z.output<typeof RunFilter>;
export const RunFilter = z.object({
  state: z.enum(RUN_STATES).optional(),
  name: z
    .string()
    .max(200)
    .optional()
    .describe("a part of the run's name or id, of its file's path, or of who started it"),
  from: z.iso.datetime({ offset: true }).or(z.iso.date()).optional().describe("started then or later"),
  to: z.iso.datetime({ offset: true }).or(z.iso.date()).optional().describe("started before then"),
});

export const listRuns = apiRoute({
  method: "GET",
  path: "/api/v1/runs",
  right: "viewer",
  summary: "Runs, newest first",
  query: RunFilter.extend(Paging.shape),
  answer: z.object({ runs: z.array(RunView), next: Next }),
  handle: async ({ desk, query }) => {
    const { runs, next } = await findRuns(desk.backend, query);
    return { runs: runs.map(viewOf), next };
  },
});
