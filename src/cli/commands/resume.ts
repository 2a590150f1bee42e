import { planAgain } from "../../plan/plan-again.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { goOn } from "../go-on.ts";
import { showPlanProgress } from "../plan-progress.ts";
import { openSession, registryOf } from "../session.ts";
import type { resumeUsage } from "../usage/resume.ts";
import type { Work } from "../usage.ts";

export const doResume: Work<typeof resumeUsage> = async ({ id, ...wanted }, { config, terminal }) => {
  const session = await openSession(config, terminal);
  try {
    const registry = await registryOf(session);
    const found = await findRun(session.backend, id);
    assertAccount(found, registry.api.accountId);
    return await goOn(session, registry, found, {
      ...wanted,
      readAgain: (cutOff, signal) => planAgain(cutOff, { registry, signal, onProgress: showPlanProgress(terminal) }),
    });
  } finally {
    await session.close();
  }
};
