import type { RunHome } from "../../runs/run-home.ts";
import type { Run, RunState } from "../../runs/run.ts";

export interface RunQuery {
  state?: RunState | undefined;
  /** A part of the name, the id, the file's path, or who started it. */
  name?: string | undefined;
  /** ISO 8601. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  /** `next` of the page before. */
  after?: string | undefined;
}

/** Runs that fit, newest first, a page at a time. */
export async function findRuns(
  { runs }: Pick<RunHome, "runs">,
  query: RunQuery,
): Promise<{ runs: Run[]; next: string | null }> {
  const { state, name, from, to, limit, after } = query;
  return await runs.page({
    states: state === undefined ? [] : [state],
    text: name,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    limit,
    after,
  });
}
