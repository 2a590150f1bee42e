import { defineUsage } from "../usage.ts";

export const serveUsage = defineUsage({
  usage: "serve",
  summary: "the dashboard, the HTTP API and metrics; works on every run, too",
  examples: [
    ["bulkpatch serve", "on http://127.0.0.1:8787, for this machine only; prints where to log in"],
    [
      "bulkpatch serve --host 0.0.0.0 --no-work",
      "for the network (BULKPATCH_DASHBOARD_TOKEN lets people in), beside workers elsewhere",
    ],
  ],
  options: (command) =>
    command
      .option("--host <address>", "address to listen on (BULKPATCH_DASHBOARD_HOST, default 127.0.0.1)")
      .option("--port <n>", "port to listen on (BULKPATCH_DASHBOARD_PORT, default 8787; 0: a free one)")
      .option("--no-work", "only show and control; leave the work to the workers"),
  needsApi: true,
  read: (_args, { work }: { work: boolean }) => ({ work }),
});
