import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
export const workerUsage = defineUsage({
  usage: "worker",
  summary: "work on every run of this account until stopped (Redis and PostgreSQL)",
  examples: [["BULKPATCH_BACKEND_URL=redis://localhost:6379 bulkpatch worker", "one of any number, on any machine"]],
  options: (command) =>
    command.option("--check", "only tell whether a worker is alive on this machine (for health checks)"),
  needsApi: true,
  read: (_args, { check }: { check?: boolean }) => ({ onlyCheck: check === true }),
  check: ({ backendUrl }) => {
    if (backendUrl !== null) return;
    throw new UsageError(
      "the embedded backend has no workers of their own: `bulkpatch run` works by itself there",
      "set BULKPATCH_BACKEND_URL to a redis:// or postgres:// address",
    );
  },
});
