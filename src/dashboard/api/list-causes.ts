import { z } from "zod";
import { findRun } from "../../runs/control.ts";
import { findCauses } from "../facts/find-causes.ts";
import { apiRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { CauseView, viewCause } from "../views.ts";

export const listCauses = apiRoute({
  method: "GET",
  path: "/api/v1/runs/:run/causes",
  right: "viewer",
  summary: "Why rows of a run did not get through, with what helps",
  params: RunParams,
  answer: z.object({
    causes: z.array(CauseView),
    directories: z
      .array(z.object({ provenance: z.string().nullable(), rows: z.int() }))
      .describe("directories that entries are synced from, which therefore can't be updated"),
  }),
  handle: async ({ desk, params }) => {
    const run = await findRun(desk.backend, params.run);
    const { causes, directories } = await findCauses(desk.backend, run);
    return {
      causes: causes.map(viewCause),
      directories: directories.map(({ provenance, rows }) => ({ provenance, rows })),
    };
  },
});
