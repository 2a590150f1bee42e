import { resolve } from "node:path";
import { keptSince } from "../../runs/remove-old-runs.ts";
import { dayOf } from "../../runs/run-id.ts";
import { isOver } from "../../runs/states.ts";
import { allowedChanges } from "../../runs/safety-limit.ts";
import { carryOut, type PlannedRun, type StartedBefore } from "../carry-out.ts";
import {
  carriedOut,
  claimPlanFile,
  planFromFile,
  type PlanFromFileOptions,
  runOfPlanFile,
} from "../../plan/plan-from-file.ts";
import { planSource, type PlannedSource } from "../../plan/plan-source.ts";
import { showPlanProgress } from "../plan-progress.ts";
import type { Session } from "../session.ts";
import { countOf } from "../../wording.ts";
import type { runUsage } from "../usage/run.ts";
import type { Work } from "../usage.ts";

export const doRun: Work<typeof runUsage> = async (
  { path, planFile, read, lint, maxChanges, tell, how, ...wanted },
  call,
) => {
  const options = { ...wanted.options };
  return await carryOut(how, call, async ({ session, beginSession, registry, signal }) => {
    const common = {
      registry,
      checkAgain: options.checkAgain,
      needSize: maxChanges !== null,
      signal,
      onProgress: showPlanProgress(call.terminal),
    };
    const planned =
      planFile === null
        ? await planSource({
            ...common,
            path: path!,
            read,
            lint,
            stdin: process.stdin,
            noPlan: options.noPlan,
            onSource: how.dryRun ? undefined : beginSession,
          })
        : await openPlanned(planFile, common, session, how.dryRun === true);
    if ("run" in planned) return planned;
    const { plan, source, ...more } = planned;
    if (maxChanges) options.maxChanges = allowedChanges(maxChanges, plan.registrySize ?? 0);
    const { update } = plan.summary;
    return {
      plan,
      wanted: { source, options, retryOf: null },
      tell,
      question:
        update === 0
          ? "Nothing is to be sent. Record this as a run, with a report?"
          : `Update ${countOf(update, "entry", "entries")}?`,
      ...more,
    };
  });
};

/** The plan of a plan file; where a run carries it out already, or did, that run. */
async function openPlanned(
  path: string,
  common: Omit<PlanFromFileOptions, "file">,
  session: () => Promise<Session>,
  dryRun: boolean,
): Promise<(PlannedSource & Pick<PlannedRun, "id" | "beforeStart">) | StartedBefore> {
  const { openPlanFile } = await import("../../plan/read-plan-file.ts");
  const file = await openPlanFile(path);
  const { backend, config, terminal } = await session();
  const id = await runOfPlanFile(backend.leases, file);
  const run = id === null ? null : await backend.runs.get(id);
  if (run !== null && !dryRun) {
    const because = isOver(run.state)
      ? `${path} was carried out already, by run ${run.id}.`
      : `${path} is being carried out by run ${run.id}, which goes on.`;
    const readAgain: StartedBefore["readAgain"] = (_, signal) =>
      planFromFile({ ...common, file, signal, onProgress: showPlanProgress(terminal) });
    return { run, because, readAgain };
  }
  // Its record may have been kept, and be removed by now.
  if (id !== null && (run !== null || dayOf(id) < keptSince(config.keepDays, Date.now()))) throw carriedOut(file, id);
  return {
    plan: await planFromFile({ ...common, file }),
    source: { name: file.source.name, path: null, planFile: resolve(path), header: file.source.header, read: {} },
    // Noted for a run that its process did not live to make: it is made now.
    ...(id !== null && { id }),
    beforeStart: (runId) => claimPlanFile(backend.leases, file, runId),
  };
}
