import { allowedChanges } from "../../runs/safety-limit.ts";
import { carryOut, type PlannedRun } from "../carry-out.ts";
import type { SourcePlan } from "../../plan/make-plan.ts";
import {
  assertNotCarriedOut,
  claimPlanFile,
  planFromFile,
  type PlanFromFileOptions,
} from "../../plan/plan-from-file.ts";
import { planSource, type PlannedSource } from "../../plan/plan-source.ts";
import { openPlanFile } from "../../plan/read-plan-file.ts";
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
  return await carryOut(how, call, async ({ session, registry, signal }) => {
    const common = {
      registry,
      checkAgain: options.checkAgain,
      needSize: maxChanges !== null,
      signal,
      onProgress: showPlanProgress(call.terminal),
    };
    const { plan, source, beforeStart } =
      planFile === null
        ? await planSource({
            ...common,
            path: path!,
            read,
            lint,
            stdin: process.stdin,
            noPlan: options.noPlan,
          }).then((planned) => ({ ...planned, beforeStart: undefined }))
        : await openPlanned(planFile, common, session);
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
      ...(beforeStart && { beforeStart }),
    };
  });
};

async function openPlanned(
  path: string,
  common: Omit<PlanFromFileOptions, "file">,
  { backend }: Session,
): Promise<{ plan: SourcePlan; source: PlannedSource["source"]; beforeStart: NonNullable<PlannedRun["beforeStart"]> }> {
  const file = await openPlanFile(path);
  await assertNotCarriedOut(backend.leases, file);
  const plan = await planFromFile({ ...common, file });
  return {
    plan,
    source: { name: file.source.name, path: null, header: file.source.header, read: {} },
    beforeStart: (runId) => claimPlanFile(backend.leases, file, runId),
  };
}
