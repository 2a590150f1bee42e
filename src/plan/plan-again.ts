import type { Registry } from "../registry/open-registry.ts";
import { RunError } from "../runs/run-error.ts";
import type { Run } from "../runs/run.ts";
import type { PlanProgress } from "./look-up.ts";
import type { Plan } from "./make-plan.ts";
import { planFromFile } from "./plan-from-file.ts";
import { planSource } from "./plan-source.ts";

export interface PlanAgainOptions {
  registry: Registry;
  signal?: AbortSignal;
  onProgress?: (progress: PlanProgress, sourceName: string) => void;
}

/**
 * The plan of a run whose recording was cut off, made from its source, or its plan file, once more. The caller closes it.
 * Throws RunError `source_gone` where the rows came from something that can't be read twice, SourceError where the file is gone, and
 * PlanFileError where the plan file is, or where another plan would come of it now.
 */
export async function planAgain(run: Run, { registry, signal, onProgress }: PlanAgainOptions): Promise<Plan> {
  const { source, options } = run;
  const common = { registry, checkAgain: options.checkAgain, signal, onProgress };
  if (source.planFile !== undefined) {
    const { openPlanFile } = await import("./read-plan-file.ts");
    return await planFromFile({ ...common, file: await openPlanFile(source.planFile) });
  }
  if (source.path === null) {
    throw new RunError(
      "source_gone",
      `run ${run.id} was cut off while its rows were recorded (${run.rows} of ${source.rows}), and they came from ${source.name}, which can't be read again`,
      { run: run.id },
    );
  }
  const { plan } = await planSource({
    ...common,
    path: source.path,
    read: source.read,
    lint: source.lint,
    noPlan: options.noPlan,
  });
  return plan;
}
