import type { RunFilter, RunPage } from "../runs/run-store.ts";
import type { Run } from "../runs/run.ts";

/** Runs looked at for one page. */
const MOST_SCANNED = 20_000;

/** As much of a run as decides whether it fits a filter. */
export interface RunHead {
  id: string;
  /** What `RunFilter.text` is looked for in: its name, its id, its file's path, who started it. */
  texts: readonly string[];
  /** As `after` takes it: where to go on behind this run. */
  cursor: string;
}

/** A page of the runs whose heads come newest first, and fit all of the filter but the text. */
export async function pageOfRuns(
  heads: AsyncIterable<RunHead>,
  get: (ids: readonly string[]) => Promise<Run[]>,
  { text, limit }: Pick<RunFilter, "text" | "limit">,
): Promise<RunPage> {
  const wanted = text?.toLowerCase() ?? "";
  const found: RunHead[] = [];
  let scanned = 0;
  let next: string | null = null;
  for await (const head of heads) {
    const fits = head.texts.some((one) => one.toLowerCase().includes(wanted));
    if (fits && found.length === limit) {
      next = found.at(-1)?.cursor ?? null;
      break;
    }
    if (fits) found.push(head);
    if (++scanned === MOST_SCANNED) {
      next = head.cursor;
      break;
    }
  }
  return { runs: await get(found.map(({ id }) => id)), next };
}

/** What a run is found by. */
export function textsOf({ id, name, source, events }: Pick<Run, "id" | "name" | "source" | "events">): string[] {
  return [id, name, source.path ?? "", events[0]?.by ?? ""];
}
