import type { Readable } from "node:stream";
import { openSource } from "../changes/open-source.ts";
import type { ReadOptions } from "../changes/source.ts";
import type { RunSource } from "../runs/run.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { LintOptions } from "./lint/lint.ts";
import type { PlanProgress } from "./look-up.ts";
import { makePlan, type SourcePlan } from "./make-plan.ts";

export interface PlanSourceOptions {
  /** A file, an https address, or `-` for `stdin`. */
  path: string;
  stdin?: Readable;
  read: ReadOptions;
  registry: Registry;
  /** Send every valid row without comparing it. */
  noPlan: boolean;
  /** What is expected of new addresses; default: the registry's domains, and warnings reject nothing. */
  lint?: LintOptions;
  /** Rows are looked at again just before their change. */
  checkAgain: boolean;
  /** Ask for the registry's size even where no row needs the listing. */
  needSize?: boolean;
  signal?: AbortSignal;
  /** The source is there and has a header that can be used; before the first request. */
  onSource?: (() => void) | undefined;
  onProgress?: (progress: PlanProgress, sourceName: string) => void;
}

/** A source's plan, and what its run records of the source. */
export interface PlannedSource {
  plan: SourcePlan;
  source: Omit<RunSource, "rows" | "sha256" | "digest">;
}

/**
 * Opens a source and holds it against the live registry. The caller closes the plan.
 * Throws SourceError for a source that can't be used, and the registry's errors.
 */
export async function planSource(options: PlanSourceOptions): Promise<PlannedSource> {
  const { path, stdin, read, registry, noPlan, lint, checkAgain, needSize, signal, onSource, onProgress } = options;
  const source = await openSource(path, read, { stdin, proxy: registry.api.proxy });
  try {
    onSource?.();
    let sent = 0;
    const client = registry.connect(() => (sent += 1), { urgent: true });
    try {
      const plan = await makePlan({
        source,
        registry: client,
        noPlan,
        lint,
        checkAgain,
        needSize,
        requestsSent: () => sent,
        signal,
        onProgress: (progress) => onProgress?.(progress, source.name),
      });
      return {
        plan,
        source: { name: source.name, path: source.path, header: source.header, read, ...(lint && { lint }) },
      };
    } finally {
      await client.close();
    }
  } finally {
    await source.close();
  }
}
