import { openSource } from "../changes/open-source.ts";
import type { ReadOptions } from "../changes/source.ts";
import { makePlan, type Plan } from "../plan/make-plan.ts";
import type { Registry } from "./session.ts";
import type { Terminal } from "./terminal.ts";
import { formatCount } from "../report/wording.ts";

export interface PlanFileOptions {
  path: string;
  read: ReadOptions;
  registry: Registry;
  terminal: Terminal;
  noPlan: boolean;
  checkAgain: boolean;
  needSize?: boolean;
  signal?: AbortSignal;
}

/** A file's plan, and what its run records of the file. */
export interface PlannedFile {
  plan: Plan;
  source: { name: string; path: string | null; header: string[]; read: ReadOptions };
}

/** Opens a source and makes its plan, showing how far it is. The caller closes the plan. */
export async function planFile({
  path,
  read,
  registry,
  terminal,
  noPlan,
  checkAgain,
  needSize,
  signal,
}: PlanFileOptions): Promise<PlannedFile> {
  const source = await openSource(path, read, { stdin: process.stdin });
  try {
    let sent = 0;
    const client = registry.connect(() => {
      sent += 1;
    });
    try {
      const plan = await makePlan({
        source,
        registry: client,
        noPlan,
        checkAgain,
        needSize,
        requestsSent: () => sent,
        signal,
        onProgress: (progress) =>
          terminal.redraw(
            progress.step === "reading"
              ? `reading ${source.name}: ${formatCount(progress.rows)} rows`
              : `listing the registry: ${formatCount(progress.entries)}${progress.total === null ? "" : ` of ${formatCount(progress.total)}`} entries`,
          ),
      });
      return { plan, source: { name: source.name, path: source.path, header: source.header, read } };
    } finally {
      await client.close();
    }
  } finally {
    await source.close();
  }
}
