import { resolve } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { renderReport, renderReportFile } from "../../report/render-report.ts";
import { writeReport } from "../../report/write-report.ts";
import { findRun } from "../../runs/control.ts";
import { viewOf } from "../../runs/view.ts";
import { VERSION } from "../../version.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import type { reportUsage } from "../usage/report.ts";
import type { Work } from "../usage.ts";

export const doReport: Work<typeof reportUsage> = async ({ id, format, out }, { config, terminal }) => {
  await withSession(config, terminal, async ({ backend }) => {
    const run = await findRun(backend, id);
    const rows = (): ReturnType<typeof backend.rows.all> => backend.rows.all(run.id);
    if (format === null) {
      const { dir, files } = await writeReport({
        run,
        rows,
        dir: resolve(out ?? run.reportDir ?? `bulkpatch-reports/${run.id}`),
        version: VERSION,
      });
      for (const file of files) terminal.print(`${dir}/${file}`);
      terminal.printJson({ ...viewOf(run), report_dir: dir, files });
    } else if (out === undefined && terminal.json) {
      const stream = new PassThrough();
      const rendering = renderReport(format, { run, rows, out: stream, version: VERSION }).finally(() => stream.end());
      const [{ rows: written }, whole] = await Promise.all([rendering, text(stream)]);
      terminal.printJson({ run: run.id, format, rows: written, out: null, text: whole });
    } else if (out === undefined) {
      await renderReport(format, { run, rows, out: process.stdout, version: VERSION });
    } else {
      const { rows: written } = await renderReportFile(format, { run, rows, file: out, version: VERSION });
      if (written === 0) terminal.note(`There is nothing to say in it: ${out} has no rows.`);
      terminal.print(out);
      terminal.printJson({ run: run.id, format, rows: written, out, text: null });
    }
  });
  return EXIT.done;
};
