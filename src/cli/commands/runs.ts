import { visibleText } from "../../visible-text.ts";
import { formatCount } from "../../wording.ts";
import { somebodyWorksOn } from "../../runs/attendance.ts";
import { totalOf } from "../../runs/outcome.ts";
import { settle } from "../../runs/settle.ts";
import { isOver } from "../../runs/states.ts";
import { viewOf } from "../../runs/view.ts";
import { RUN_STATES, type Run, type RunState } from "../../runs/run.ts";
import type { RunFilter, RunPage, RunStore } from "../../runs/run-store.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { wholeNumber } from "../read-flags.ts";
import { withSession } from "../session.ts";

interface RunsFlags {
  limit?: string;
  state?: string;
  since?: string;
}

export const runsCommand = makeCommand<RunsFlags>({
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
  run: async (_args, { flags, config, terminal }) => {
    const filter: RunFilter = {
      limit: wholeNumber("--limit", flags.limit) ?? 20,
      states: statesIn(flags.state),
      from: timeOf(flags.since),
    };
    await withSession(config, terminal, async ({ backend, by }) => {
      const listed = await firstRuns(backend.runs, filter);
      const runs = await Promise.all(
        listed.map(async (run) => (isOver(run.state) ? run : ((await settle(backend, run.id, by)) ?? run))),
      );
      if (runs.length === 0) terminal.print(`There are no such runs in ${backend.address} yet.`);
      for (const run of runs) {
        const done = `${formatCount(totalOf(run.outcomes))}/${formatCount(run.source.rows)}`;
        const idle = run.state === "running" && !(await somebodyWorksOn(backend, run));
        const hint = idle ? `   nobody works on it: bulkpatch resume ${run.id}` : "";
        const started = new Date(run.createdAt).toISOString().slice(0, 16).replace("T", " ");
        terminal.print(
          `${run.id.padEnd(30)} ${run.state.padEnd(12)} ${done.padStart(15)} rows   ${started} UTC   ${visibleText(run.name)}${hint}`,
        );
      }
      terminal.printJson({ runs: runs.map(viewOf) });
    });
    return EXIT.done;
  },
});

/** Pages may be short: one that is only looked through goes on. */
async function firstRuns(runs: RunStore, filter: RunFilter): Promise<Run[]> {
  const found: Run[] = [];
  let after: string | null = null;
  do {
    const page: RunPage = await runs.page({ ...filter, limit: filter.limit - found.length, after: after ?? undefined });
    found.push(...page.runs);
    after = page.next;
  } while (after !== null && found.length < filter.limit);
  return found;
}

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
