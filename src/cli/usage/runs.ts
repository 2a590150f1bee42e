import { RUN_STATES, type RunState } from "../../runs/run.ts";
import type { RunFilter } from "../../runs/run-store.ts";
import { wholeNumber } from "../number-flags.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
interface RunsFlags {
  limit?: string;
  state?: string;
  since?: string;
}

export const runsUsage = defineUsage({
  usage: "runs",
  summary: "what runs there are, newest first",
  examples: [
    ["bulkpatch runs", "one line each"],
    ["bulkpatch runs --state halted,paused --since 2026-11-01", "those that wait for somebody, of this month"],
  ],
  options: (command) =>
    command
      .option("--limit <n>", "how many (default 20)")
      .option("--state <states>", `only in these states, separated by commas: ${RUN_STATES.join(", ")}`)
      .option("--since <time>", "only those started since then, like 2026-11-24 or 2026-11-24T08:00Z"),
  needsApi: false,
  read: (_args, { limit, state, since }: RunsFlags): RunFilter => ({
    limit: wholeNumber("--limit", limit) ?? 20,
    states: statesIn(state),
    from: timeOf(since),
  }),
});

function statesIn(text: string | undefined): RunState[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(",").map((word) => word.trim().toLowerCase());
  const unknown = words.find((word) => !(RUN_STATES as readonly string[]).includes(word));
  if (unknown !== undefined)
    throw new UsageError(`--state: expected states of a run, found "${unknown}"`, `there are ${RUN_STATES.join(", ")}`);
  return words as RunState[];
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`--since: expected a time, found "${text}"`, "write it like --since 2026-11-24");
  return at;
}
