import { visibleText } from "../../visible-text.ts";
import { formatCount } from "../../wording.ts";
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
};

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
