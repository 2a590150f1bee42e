import type { SourceRow } from "../changes/change.ts";
import type { SourcePlan } from "../plan/make-plan.ts";
import type { RunRow } from "../runs/run.ts";

/** Each row of a plan as it was decided, with what was read of it. */
export async function* planRows(plan: SourcePlan): AsyncGenerator<{ decided: RunRow; source: SourceRow }> {
  const sources = plan.checked()[Symbol.asyncIterator]();
  try {
    for await (const decided of plan.decided()) {
      const next = await sources.next();
      if (next.done === true) throw new Error("A plan has as many checked rows as decided ones.");
      yield { decided, source: next.value };
    }
  } finally {
    await sources.return?.();
  }
}
