import type { RunHome } from "../../runs/run-home.ts";
import type { Run, RunState } from "../../runs/run.ts";

export interface RunQuery {
  state?: RunState | undefined;
  /** A part of the name or of the id. */
  name?: string | undefined;
  /** ISO 8601. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  /** The id of the last run of the page before. */
  after?: string | undefined;
}

/** Runs that are looked through, newest first. */
const MOST_SEEN = 10_000;

/** Runs that fit, newest first, a page at a time. */
export async function findRuns({ runs }: RunHome, query: RunQuery): Promise<{ runs: Run[]; next: string | null }> {
  const { state, name, from, to, limit, after } = query;
  const all = await runs.list(MOST_SEEN);
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const part = name?.toLowerCase();
  const fitting = all
    .slice(start)
    .filter(
      (run) =>
        (state === undefined || run.state === state) &&
        (part === undefined || run.name.toLowerCase().includes(part) || run.id.includes(part)) &&
        (from === undefined || run.createdAt >= Date.parse(from)) &&
        (to === undefined || run.createdAt < Date.parse(to)),
    );
  const page = fitting.slice(0, limit);
  return { runs: page, next: fitting.length > limit ? page.at(-1)!.id : null };
}
