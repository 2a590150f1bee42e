import type { ExplainedError } from "../explained-error.ts";
import { KeyTable } from "../key-table.ts";
import type { Entry } from "./entry.ts";
import { readEntry, readEntryId } from "./read-entry.ts";
import type { Page } from "./envelope.ts";
import { RefusedError } from "./errors.ts";

/*
 * Reading a listing that may change while it is read:
 * - entries come in the order of their making, so new ones appear at the end and edited ones stay where they are;
 * - each page overlaps the one before. When its first entry was not seen before, entries were removed further up and others
 *   slipped past us: the listing is read again;
 * - the listing ends with a page that is not full, whatever number of entries the API counts;
 * - fewer different entries than the API counts means that equal entries changed places between two pages: it is read
 *   again, in another order. Where that shows the very same entries, it is the count that is wrong;
 * - whatever was seen is given once, however often the listing is read.
 */

export interface ListOptions {
  signal?: AbortSignal | undefined;
  /** Told after each page, before its entries are given. */
  onProgress?: ((progress: ListProgress) => void) | undefined;
}

/** How far a listing is. */
export interface ListProgress {
  /** Different entries seen so far. */
  entries: number;
  /** Entries in the registry; null where the API does not say. */
  total: number | null;
  /** Requests that are still needed if nothing changes; 1 where that is unknown. */
  pagesLeft: number;
}

/** Reads one page; `client.ts` makes it. */
export type ReadPage = (
  page: number,
  perPage: number,
  options: { order: (typeof ORDERS)[number]; signal?: AbortSignal | undefined },
) => Promise<Page>;

/** The registry changed in each of several readings. */
export class ListingUnstableError extends Error implements ExplainedError {
  override readonly name = "ListingUnstableError";
  readonly code = "listing_unstable";
  readonly remedy = "wait until the directory sync or the import that changes it is over, then try again";
  constructor(passes: number, seen: number, total: number | null) {
    const counted = total === null ? "" : ` of ${total}`;
    super(
      `listing the registry: it changed during each of ${passes} readings; ${seen} different entries${counted} were seen`,
    );
  }
}

const BROKEN_OFF: Reading = { complete: false, whole: null };

const ORDERS = ["created_at", "email", "name"] as const;
const MAX_PASSES = 5;
/** Asked for in turn while the API refuses; 20 is its default. */
const PAGE_SIZES = [1000, 100, 50, 20] as const;

/** Every entry of the registry once. */
export async function* listEntries(readPage: ReadPage, options: ListOptions = {}): AsyncGenerator<Entry, void, void> {
  const given = new KeyTable();
  let total: number | null = null;
  /** Entries that the reading before gave from its start to its end, where it lost none on the way. */
  let wholeBefore: number | null = null;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const order = ORDERS[pass % ORDERS.length]!;
    const reading = readOnce(readPage, order, options);
    let step = await reading.next();
    for (; step.done !== true; step = await reading.next()) {
      const { results, total: counted, pagesLeft } = step.value;
      // Entries without a readable id can't be told apart: one stands for all of them.
      const fresh = results.filter((result) => !given.has(readEntryId(result)));
      for (const result of fresh) given.add(readEntryId(result));
      total = counted;
      options.onProgress?.({ entries: given.size, total, pagesLeft });
      for (const result of fresh) yield readEntry(result);
    }
    const { complete, whole } = step.value;
    if (complete || (whole === given.size && whole === wholeBefore)) return;
    wholeBefore = whole;
  }
  throw new ListingUnstableError(MAX_PASSES, given.size, total);
}

interface PageRead {
  results: unknown[];
  total: number | null;
  pagesLeft: number;
}

/** What one reading came to. */
interface Reading {
  /** Nothing can have slipped through. */
  complete: boolean;
  /** Different entries, where it came to the listing's end without a gap; else null. */
  whole: number | null;
}

/** Reads the listing from its start to its end. */
async function* readOnce(
  readPage: ReadPage,
  order: (typeof ORDERS)[number],
  { signal }: ListOptions,
): AsyncGenerator<PageRead, Reading, void> {
  const seen = new KeyTable();
  let { page, size } = await readFirstPage(readPage, order, signal);
  let covered = 0;
  let most = 0;
  let nameless = 0;
  for (;;) {
    const start = (page.page - 1) * page.perPage;
    const { results } = page;
    const first = readEntryId(results[0]);
    const gap = start < covered && first !== "" && !seen.has(first);
    const before = seen.size;
    for (const id of results.map(readEntryId)) {
      if (id === "") nameless += 1;
      else seen.add(id);
    }
    covered = start + results.length;
    most = Math.max(most, page.totalCount ?? 0);
    const ended = page.totalCount === null ? seen.size === before : results.length < page.perPage;
    yield {
      results,
      total: page.totalCount,
      pagesLeft: ended ? 0 : pagesLeft(covered, page.totalCount, size),
    };

    if (ended) return { complete: !gap && seen.size + nameless >= most, whole: gap ? null : seen.size };
    if (gap || seen.size === before) return BROKEN_OFF;
    const next = overlappingPage(covered, size);
    page = await readPage(next.page, next.perPage, { order, signal });
    if (page.perPage > next.perPage || page.page !== next.page) return BROKEN_OFF;
    if (page.perPage < next.perPage) size = page.perPage;
  }
}

async function readFirstPage(
  readPage: ReadPage,
  order: (typeof ORDERS)[number],
  signal: AbortSignal | undefined,
): Promise<{ page: Page; size: number }> {
  for (const [index, asked] of PAGE_SIZES.entries()) {
    try {
      const page = await readPage(1, asked, { order, signal });
      // Where nothing is said, a short page is the last one or all that is granted: reading on tells.
      const perPage = page.saysPerPage ? page.perPage : Math.max(1, Math.min(asked, page.results.length));
      return { page: { ...page, perPage }, size: perPage };
    } catch (error) {
      const last = index === PAGE_SIZES.length - 1;
      if (last || !(error instanceof RefusedError && error.status === 400)) throw error;
    }
  }
  throw new RangeError("There are no page sizes to ask for.");
}

/**
 * The page that begins at or before the last entry covered and reaches furthest beyond it. Pages begin at multiples of
 * their size, so a slightly smaller size is what makes two pages overlap. Where none does, the page that follows.
 */
export function overlappingPage(covered: number, maxPerPage: number): { page: number; perPage: number } {
  let best = { page: 0, perPage: 0, reach: 0 };
  for (let perPage = maxPerPage; perPage > maxPerPage / 2; perPage--) {
    const page = Math.floor((covered - 1) / perPage) + 1;
    const reach = page * perPage;
    if (reach > best.reach) best = { page, perPage, reach };
  }
  if (best.reach <= covered) return { page: covered / maxPerPage + 1, perPage: maxPerPage };
  return { page: best.page, perPage: best.perPage };
}

function pagesLeft(covered: number, total: number | null, size: number): number {
  return total === null ? 1 : Math.max(1, Math.ceil((total - covered) / Math.max(1, size - 1)));
}
