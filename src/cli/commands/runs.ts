import { totalOf } from "../../runs/outcome.ts";
import { viewOf } from "../../runs/view.ts";
import { makeCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { wholeNumber } from "../read-flags.ts";
import { openSession } from "../session.ts";
import { count } from "../wording.ts";

export const runsCommand = makeCommand<{ limit?: string }>({
  usage: "runs",
  summary: "what runs there are, newest first",
  examples: [["bulkpatch runs", "one line each"]],
  options: (command) => command.option("--limit <n>", "how many (default 20)"),
  needsApi: false,
  run: async (_args, { flags, config, terminal }) => {
    const limit = wholeNumber("--limit", flags.limit) ?? 20;
    const session = await openSession(config, terminal);
    try {
      const runs = await session.backend.runs.list(limit);
      if (runs.length === 0) terminal.print(`There are no runs in ${session.backend.address} yet.`);
      for (const run of runs) {
        const done = `${count(totalOf(run.outcomes))}/${count(run.source.rows)}`;
        terminal.print(`${run.id.padEnd(30)} ${run.state.padEnd(12)} ${done.padStart(15)} rows   ${run.name}`);
      }
      terminal.printJson({ runs: runs.map(viewOf) });
      return EXIT.done;
    } finally {
      await session.close();
    }
  },
});
