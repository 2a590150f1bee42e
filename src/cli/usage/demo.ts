import { defineUsage } from "../usage.ts";

export const demoUsage = defineUsage({
  usage: "demo",
  summary: "the main job on a stand-in for the API: no account, no network, under a minute",
  examples: [
    ["bulkpatch demo", "a sample registry, a messy sample spreadsheet, a run, its report"],
    ["bulkpatch demo --serve", "the dashboard on it: runs in several states, and a schedule that is held"],
  ],
  options: (command) =>
    command
      .option("--report-dir <folder>", "where the report goes (default bulkpatch-reports/demo)")
      .option("--serve", "show the dashboard, until Ctrl-C")
      .option("--port <n>", "port of the dashboard (BULKPATCH_DASHBOARD_PORT, default 8787; 0: a free one)"),
  needsApi: false,
  read: (_args, { reportDir, serve }: { reportDir?: string; serve?: boolean }) => ({
    reportDir,
    serve: serve === true,
  }),
});
