import { PassThrough } from "node:stream";
import { z } from "zod";
import { REPORT_FILES, type ReportFile } from "../../report/report-folder.ts";
import type { ReportFormat } from "../../report/report-format.ts";
import { renderReport } from "../../report/render-report.ts";
import { findRun } from "../../runs/control.ts";
import { VERSION } from "../../version.ts";
import { answersOf } from "../problem.ts";
import type { Route } from "../route.ts";
import { RunParams } from "../run-params.ts";

const FORMATS: Record<ReportFile, { format: ReportFormat; type: string }> = {
  "report.csv": { format: "csv", type: "text/csv; charset=utf-8" },
  "summary.json": { format: "json", type: "application/json" },
  "report.html": { format: "html", type: "text/html; charset=utf-8" },
  "failed.csv": { format: "failed", type: "text/csv; charset=utf-8" },
  "directory-synced.csv": { format: "directory-synced", type: "text/csv; charset=utf-8" },
  "undo.csv": { format: "undo", type: "text/csv; charset=utf-8" },
};

const BODIES = { "text/csv": z.string(), "application/json": z.looseObject({}), "text/html": z.string() };

const Params = RunParams.extend({ file: z.enum(REPORT_FILES) });

/** A file of a run's report, made at this moment and sent as it is made: memory does not grow with the rows. */
export const reportFile: Route = (app, { backend, now }) => {
  app.get(
    "/api/v1/runs/:run/report/:file",
    {
      config: { right: "viewer" },
      schema: {
        params: Params,
        summary: "A file of a run's report",
        tags: ["runs"],
        response: answersOf("the file, as it is made", BODIES),
      },
    },
    async (request, reply) => {
      const { run: id, file } = request.params as z.output<typeof Params>;
      const run = await findRun(backend, id);
      const { format, type } = FORMATS[file];
      const out = new PassThrough();
      renderReport(format, { run, rows: () => backend.rows.all(run.id), out, version: VERSION, now }).then(
        () => out.end(),
        (error: Error) => out.destroy(error),
      );
      void reply.header("content-disposition", `attachment; filename="${run.id}-${file}"`);
      return await reply.type(type).send(out);
    },
  );
};
