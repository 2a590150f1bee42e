import { makeUndoPlan } from "../../plan/undo-plan.ts";
import { countOf } from "../../wording.ts";
import { findRun } from "../../runs/control.ts";
import { DEFAULT_RUN_OPTIONS } from "../../runs/run.ts";
import { carryOut } from "../carry-out.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { assertCanWork, registryOf, openSession } from "../session.ts";
import { showPlan } from "../show-plan.ts";
import { listenForStop } from "../signals.ts";

interface UndoFlags {
  yes?: boolean;
  detach?: boolean;
  work: boolean;
  reportDir?: string;
}

export const undoCommand = makeCommand<UndoFlags>({
  usage: "undo <run>",
  summary: "put back the values from before a run, where nobody changed them since",
  examples: [["bulkpatch undo brave-otter", "shows what would be put back, asks, and does it as a run of its own"]],
  options: (command) =>
    command
      .option("--yes", "do not ask")
      .option("--detach", "leave it to the workers")
      .option("--no-work", "only watch; leave the work to the workers")
      .option("--report-dir <folder>", "where the report goes (default bulkpatch-reports/<run>)"),
  needsApi: true,
  run: async ([id], { flags, config, terminal }) => {
    if (!flags.yes && !terminal.canAsk)
      throw new UsageError("undo asks before it writes, and here is no terminal to ask on", "add --yes");
    const session = await openSession(config, terminal);
    const stop = listenForStop(terminal, "Stopping.");
    try {
      assertCanWork(session, flags);
      const { backend } = session;
      const registry = registryOf(session);
      const before = await findRun(backend, id!);
      let sent = 0;
      const client = registry.connect(() => {
        sent += 1;
      });
      const rows = () => backend.rows.all(before.id);
      const plan = await (async () => {
        try {
          return await makeUndoPlan({
            run: before,
            rows,
            registry: client,
            requestsSent: () => sent,
            now: Date.now(),
            signal: stop.signal,
          });
        } finally {
          await client.close();
        }
      })();
      const name = `undo of ${before.id}`;
      await showPlan(plan, name, registry.budget.ratePerSecond(), terminal);
      if (
        !flags.yes &&
        !(await terminal.confirm(`Put back the values of ${countOf(plan.summary.update, "entry", "entries")}?`))
      ) {
        terminal.note("Nothing was changed.");
        return EXIT.done;
      }
      return await carryOut({
        session,
        registry,
        rows: plan,
        wanted: {
          source: { name, path: null, header: before.source.header, read: {} },
          options: DEFAULT_RUN_OPTIONS,
          retryOf: null,
        },
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
