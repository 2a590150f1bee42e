import { assertAccount, findRun } from "../../runs/control.ts";
import { type Outcome, OUTCOMES } from "../../runs/outcome.ts";
import { type RetryFilter, rowsToRetry } from "../../runs/retry-run.ts";
import { carryOut } from "../carry-out.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { assertCanWork, registryOf, openSession } from "../session.ts";
import { listenForStop } from "../signals.ts";
import { countOf } from "../../wording.ts";

interface RetryFlags {
  only?: string;
  yes?: boolean;
  detach?: boolean;
  work: boolean;
  reportDir?: string;
}

export const retryCommand = makeCommand<RetryFlags>({
  usage: "retry <run>",
  summary: "the failed rows again, as a new run",
  examples: [
    ["bulkpatch retry brave-otter", "every row that failed"],
    ["bulkpatch retry brave-otter --only rejected_by_api,10203", "rows that the API refused with code 10203"],
  ],
  options: (command) =>
    command
      .option("--only <list>", "outcomes and API codes, separated by commas (default: failed)")
      .option("--yes", "do not ask")
      .option("--detach", "leave it to the workers")
      .option("--no-work", "only watch; leave the work to the workers")
      .option("--report-dir <folder>", "where the report goes (default bulkpatch-reports/<run>)"),
  needsApi: true,
  run: async ([id], { flags, config, terminal }) => {
    const filter = parseFilter(flags.only);
    if (!flags.yes && !terminal.canAsk)
      throw new UsageError("retry asks before it writes, and here is no terminal to ask on", "add --yes");
    const session = await openSession(config, terminal);
    const stop = listenForStop(terminal, "Stopping.");
    try {
      const { backend } = session;
      assertCanWork(session, flags);
      const registry = registryOf(session);
      const before = await findRun(backend, id!);
      assertAccount(before, registry.api.accountId);
      const rows = await rowsToRetry(backend, before, filter);
      if (!flags.yes && !(await terminal.confirm(`Try ${countOf(rows.rows, "row")} of run ${before.id} again?`))) {
        terminal.note("Nothing was changed.");
        return EXIT.done;
      }
      const { name, header, read } = before.source;
      return await carryOut({
        session,
        registry,
        rows,
        wanted: { source: { name, path: null, header, read }, options: before.options, retryOf: before.id },
        reportDir: flags.reportDir ?? null,
        detached: flags.detach === true,
        work: flags.work,
        stop,
      });
    } finally {
      stop.release();
      await session.close();
    }
  },
});

function parseFilter(only: string | undefined): RetryFilter {
  const words = (only ?? "failed").split(",").map((word) => word.trim());
  const apiCodes = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const outcomes = words.filter((word): word is Outcome => (OUTCOMES as readonly string[]).includes(word));
  const unknown = words.filter((word) => !/^\d+$/.test(word) && !(OUTCOMES as readonly string[]).includes(word));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only: expected outcomes or API codes, found "${unknown.join(", ")}"`,
      `outcomes are ${OUTCOMES.join(", ")}`,
    );
  }
  return { outcomes: outcomes.length > 0 ? outcomes : ["failed", "rejected_by_api"], apiCodes };
}
