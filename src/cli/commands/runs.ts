import { visibleText } from "../../visible-text.ts";
import { countOf, formatCount, formatTime } from "../../wording.ts";
import { somebodyWorksOn } from "../../runs/attendance.ts";
import { totalOf } from "../../runs/outcome.ts";
import { settle } from "../../runs/settle.ts";
import { isOver } from "../../runs/states.ts";
import { viewOf } from "../../runs/view.ts";
import type { Run } from "../../runs/run.ts";
import type { RunFilter, RunPage, RunStore } from "../../runs/run-store.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import type { runsUsage } from "../usage/runs.ts";
import type { Work } from "../usage.ts";

export const doRuns: Work<typeof runsUsage> = async (filter, { config, terminal }) => {
  await withSession(config, terminal, async ({ backend, by }) => {
    const { runs: listed, isAll } = await firstRuns(backend.runs, filter);
    const runs = await Promise.all(
      listed.map(async (run) => (isOver(run.state) ? run : ((await settle(backend, run.id, by)) ?? run))),
    );
    if (runs.length === 0) {
      const isAsked = filter.states !== undefined || filter.from !== undefined;
      terminal.print(`There are no ${isAsked ? "such runs" : "runs yet"} in ${backend.address}.`);
    }
    const columns = runs.map(columnsOf);
    const widths = columns[0]?.map((_, n) => Math.max(...columns.map((cells) => cells[n]!.length))) ?? [];
    for (const [i, run] of runs.entries()) {
      const [id, state, done, started] = columns[i]!.map((cell, n) =>
        n === 2 ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!),
      );
      terminal.print(`${id}  ${state}  ${done}  ${started}  ${visibleText(run.name)}`);
      if (run.state === "running" && !(await somebodyWorksOn(backend, run)))
        terminal.print(`  Nobody works on it. Go on with: bulkpatch resume ${run.id}`);
    }
    if (!isAll) terminal.print(terminal.style("dim", `The newest ${formatCount(filter.limit)}; --limit shows more.`));
    terminal.printJson({ runs: runs.map(viewOf) });
  });
  return EXIT.done;
};

function columnsOf(run: Run): string[] {
  const done = `${formatCount(totalOf(run.outcomes))}/${countOf(run.source.rows, "row")}`;
  return [run.id, run.state, done, formatTime(run.createdAt)];
}

/** Pages may be short: one that is only looked through goes on. */
async function firstRuns(runs: RunStore, filter: RunFilter): Promise<{ runs: Run[]; isAll: boolean }> {
  const found: Run[] = [];
  let after: string | null = null;
  do {
    const page: RunPage = await runs.page({ ...filter, limit: filter.limit - found.length, after: after ?? undefined });
    found.push(...page.runs);
    after = page.next;
  } while (after !== null && found.length < filter.limit);
  return { runs: found, isAll: after === null };
}
