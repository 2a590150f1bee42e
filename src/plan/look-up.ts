import type { SourceRow } from "../changes/change.ts";
import type { RegistryClient } from "../registry/client.ts";
import { RefusedError } from "../registry/errors.ts";
import { RegistryView } from "./registry-view.ts";

/** More ids than this are never looked up one by one: listing costs less. It also bounds what is kept in memory. */
const MOST_SINGLE_LOOKUPS = 5_000;
const LOOKUPS_AT_A_TIME = 8;

/** What the rows need to know of the registry, gathered while they stream by. */
export class Wanted {
  readonly ids = new Set<string>();
  /** Only the whole listing answers: some row names its entry by something else than an id, or there are very many ids. */
  mustList = false;

  add({ change }: SourceRow): void {
    if (!change) return;
    if (change.target.by === "id") this.addEntry(change.target.id);
    else this.mustList = true;
  }

  addEntry(id: string): void {
    if (this.ids.size < MOST_SINGLE_LOOKUPS) this.ids.add(id.toLowerCase());
    else this.mustList = true;
  }
}

/** How far the making of a plan is. */
export type PlanProgress =
  | { step: "reading"; rows: number }
  | { step: "listing"; entries: number; total: number | null };

export interface LookUpOptions {
  noPlan: boolean;
  /** The registry's size is asked for, so at least the listing's first page is needed. */
  needSize: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: PlanProgress) => void;
}

/**
 * Gets what the rows need with as few requests as possible: the listing's first page says how many pages there are; the rest
 * follows, or single entries where those are fewer. Without comparing, only rows that name no id need anything.
 */
export async function lookUp(
  registry: Pick<RegistryClient, "list" | "get">,
  wanted: Wanted,
  options: LookUpOptions,
): Promise<RegistryView> {
  const { noPlan, needSize, signal, onProgress } = options;
  const nothingNeeded = noPlan ? !wanted.mustList : wanted.ids.size === 0 && !wanted.mustList;
  if (nothingNeeded && !needSize) return new RegistryView(false);
  if (wanted.ids.size === 1 && !wanted.mustList && !needSize) return await getEach(registry, wanted.ids, options);

  const view = new RegistryView(true);
  let pagesLeft = Number.POSITIVE_INFINITY;
  const listing = registry.list({
    signal,
    onProgress: ({ entries, total, pagesLeft: left }) => {
      pagesLeft = left;
      view.registrySize = total;
      onProgress?.({ step: "listing", entries, total });
    },
  });
  for await (const entry of listing) {
    if (!wanted.mustList && (nothingNeeded || wanted.ids.size < pagesLeft)) {
      const each = nothingNeeded ? new RegistryView(false) : await getEach(registry, wanted.ids, options);
      each.registrySize = view.registrySize;
      return each;
    }
    view.add(entry);
  }
  view.isWhole = true;
  return view;
}

async function getEach(
  registry: Pick<RegistryClient, "get">,
  ids: ReadonlySet<string>,
  { signal }: LookUpOptions,
): Promise<RegistryView> {
  const view = new RegistryView(true);
  const waiting = [...ids];
  const getNext = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      try {
        view.add((await registry.get(id, { signal })).entry);
      } catch (error) {
        if (!(error instanceof RefusedError && error.notFound)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_A_TIME }, getNext));
  return view;
}
