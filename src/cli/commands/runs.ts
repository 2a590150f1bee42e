import { formatCount } from "../../wording.ts";
import { somebodyWorksOn } from "../../runs/attendance.ts";
import { totalOf } from "../../runs/outcome.ts";
import { settle } from "../../runs/settle.ts";
import { isOver } from "../../runs/states.ts";
import { viewOf } from "../../runs/view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { wholeNumber } from "../read-flags.ts";
import { withSession } from "../session.ts";

export const runsCommand = makeCommand<{ limit?: string }>({
  usage: "runs",
  summary: "what runs there are, newest first",
  examples: [["bulkpatch runs", "one line each"]],
  options: (command) => command.option("--limit <n>", "how many (default 20)"),
  needsApi: false,
  run: async (_args, { flags, config, terminal }) => {
    const limit = wholeNumber("--limit", flags.limit) ?? 20;
    await withSession(config, terminal, async ({ backend, by }) => {
      const listed = await backend.runs.list(limit);
      const runs = await Promise.all(
        listed.map(async (run) => (isOver(run.state) ? run : ((await settle(backend, run.id, by)) ?? run))),
      );
      if (runs.length === 0) terminal.print(`There are no runs in ${backend.address} yet.`);
      for (const run of runs) {
        const done = `${formatCount(totalOf(run.outcomes))}/${formatCount(run.source.rows)}`;
        const idle = run.state === "running" && !(await somebodyWorksOn(backend, run));
        const hint = idle ? `   nobody works on it: bulkpatch resume ${run.id}` : "";
        terminal.print(`${run.id.padEnd(30)} ${run.state.padEnd(12)} ${done.padStart(15)} rows   ${run.name}${hint}`);
      }
      terminal.printJson({ runs: runs.map(viewOf) });
    });
    return EXIT.done;
  },
});
