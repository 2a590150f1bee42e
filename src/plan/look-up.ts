import type { SourceRow } from "../changes/change.ts";
import type { RegistryClient } from "../registry/client.ts";
import { UPDATABLE_FIELDS, type UpdatableField } from "../registry/entry.ts";
import { RefusedError } from "../registry/errors.ts";
import { RegistryView } from "./registry-view.ts";

/** More ids than this are never looked up one by one: listing costs less. It also bounds what is kept in memory. */
const MOST_SINGLE_LOOKUPS = 5_000;
const LOOKUPS_AT_A_TIME = 8;
/** Ids that a listing lacks are looked up in lots of so many. */
const UNLISTED_LOT = 20;

/** What the rows need to know of the registry, gathered while they stream by. */
export class Wanted {
  /** The first of them. */
  readonly ids = new Set<string>();
  /** There are more ids than are kept here. */
  hasMoreIds = false;
  /** Some row names its entry by something else than an id, which only the whole listing answers. */
  byAddress = false;
  /** Fields that rows give a value. */
  readonly fields = new Set<UpdatableField>();

  add({ change }: SourceRow): void {
    if (!change) return;
    if (change.target.by === "id") this.addEntry(change.target.id, change.set);
    else {
      this.byAddress = true;
      this.#addFields(change.set);
    }
  }

  /** `set` has the fields that matter. */
  addEntry(id: string, set: Partial<Record<UpdatableField, unknown>>): void {
    if (this.ids.size < MOST_SINGLE_LOOKUPS) this.ids.add(id.toLowerCase());
    else this.hasMoreIds = true;
    this.#addFields(set);
  }

  #addFields(set: Partial<Record<UpdatableField, unknown>>): void {
    if (this.fields.size === UPDATABLE_FIELDS.length) return;
    for (const field in set) this.fields.add(field as UpdatableField);
  }
}

/** How far the making of a plan is. */
export type PlanProgress =
  | { step: "reading"; rows: number }
  | { step: "listing"; entries: number; total: number | null };

export interface LookUpOptions {
  noPlan: boolean;
  /** The registry's size is asked for, so at least the listing's first page is needed, and all of it where the API gives no total. */
  needSize: boolean;
  /** The ids that the rows name, read once, after the listing. */
  ids: () => AsyncIterable<string>;
  signal?: AbortSignal;
  onProgress?: (progress: PlanProgress) => void;
}

/**
 * Gets what the rows need with as few requests as possible: the listing's first page says how many pages there are; the rest
 * follows, or single entries where those are fewer. An id that the listing lacks is looked up before it counts as not found.
 * Without comparing, only rows that name no id need anything.
 */
export async function lookUp(
  registry: Pick<RegistryClient, "list" | "get">,
  wanted: Wanted,
  options: LookUpOptions,
): Promise<RegistryView> {
  const { noPlan, needSize, signal, onProgress } = options;
  const mustList = wanted.byAddress || (wanted.hasMoreIds && !noPlan);
  const needsIds = wanted.ids.size > 0 && !noPlan;
  const makeView = (complete: boolean): RegistryView => new RegistryView(complete, wanted.fields);
  const singly = async (): Promise<RegistryView> => {
    const view = makeView(!noPlan && needsIds);
    if (needsIds) await addEach(registry, view, wanted.ids, signal);
    return view;
  };
  if (!mustList && !needSize && wanted.ids.size <= 1) return await singly();
  if (!mustList && !needSize && !needsIds) return makeView(false);

  const view = makeView(!noPlan);
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
    const knowsSize = !needSize || view.registrySize !== null;
    if (!mustList && knowsSize && (!needsIds || wanted.ids.size < pagesLeft)) {
      const each = await singly();
      each.registrySize = view.registrySize;
      return each;
    }
    view.add(entry);
  }
  view.isWhole = true;
  if (!noPlan) await addUnlisted(registry, view, options);
  view.registrySize = view.size;
  return view;
}

/**
 * Looks up ids that the listing lacks, lot by lot, until none of a lot exists: where the listing is right that costs one lot at
 * the most, and where it is not, every entry is found.
 */
async function addUnlisted(
  registry: Pick<RegistryClient, "get">,
  view: RegistryView,
  { ids, signal }: LookUpOptions,
): Promise<void> {
  const listed = view.size;
  const tried = new Set<string>();
  let lot: string[] = [];
  const lookUpLot = async (): Promise<boolean> => {
    const before = view.size;
    await addEach(registry, view, lot, signal);
    lot = [];
    view.unlisted = view.size - listed;
    return view.size > before;
  };
  for await (const id of ids()) {
    const key = id.toLowerCase();
    if (view.has(key) || tried.has(key)) continue;
    tried.add(key);
    lot.push(key);
    if (lot.length === UNLISTED_LOT && !(await lookUpLot())) return;
  }
  await lookUpLot();
}

/** Adds those of the entries that exist. */
async function addEach(
  registry: Pick<RegistryClient, "get">,
  view: RegistryView,
  ids: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
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
}
