import { type Entry, UPDATABLE_FIELDS, type UpdatableField } from "./entry.ts";
import { isObject, readEntry } from "./read-entry.ts";

/** One page of the listing, as the API granted it. */
export interface Page {
  /** The entries as they came; `readEntry` makes one of each, when it is needed: together they take a lot of memory. */
  results: unknown[];
  page: number;
  /** What the server granted, which may be less than was asked for; what was asked for where it does not say. */
  perPage: number;
  /** Whether it said so. */
  saysPerPage: boolean;
  /** Entries in the registry; null where the API did not say. */
  totalCount: number | null;
}

/** An entry as one answer shows it. */
export interface ShownEntry {
  entry: Entry;
  /** Updatable fields that the answer leaves out, or shows in a way that can't be read: `entry` has a stand-in there. */
  unshown: readonly UpdatableField[];
}

/** The entry of a successful answer; null where the body is anything else, or about another entry. */
export function parseEntryAnswer(body: unknown, id: string): ShownEntry | null {
  if (!isSuccess(body)) return null;
  const entry = readEntry(body.result);
  if (entry.id.toLowerCase() !== id.toLowerCase()) return null;
  const shown = body.result as Record<string, unknown>;
  const unshown = UPDATABLE_FIELDS.filter(
    (field) => shown[field] === undefined || entry.odd?.some((odd) => odd.field === field) === true,
  );
  return { entry, unshown };
}

/** True where an answer says that a call succeeded, whatever else it says: no body at all, or the envelope of a success. */
export function isAccepted(body: unknown, isEmpty: boolean): boolean {
  return isEmpty || isSuccess(body);
}

/** The page of a successful answer; null where the body is anything else. An entry that can't be read costs no other. */
export function parsePageAnswer(body: unknown, asked: { page: number; perPage: number }): Page | null {
  if (!isSuccess(body) || !Array.isArray(body.result)) return null;
  const info = isObject(body.result_info) ? body.result_info : {};
  const perPage = wholeNumber(info.per_page, 1);
  return {
    results: body.result,
    page: wholeNumber(info.page, 0) ?? asked.page,
    perPage: perPage ?? asked.perPage,
    saysPerPage: perPage !== null,
    totalCount: wholeNumber(info.total_count, 0),
  };
}

/** Codes and messages of the envelope of a refused call; null where the body is no such envelope. */
export function parseRefusal(body: unknown): { codes: number[]; messages: string[] } | null {
  if (!isObject(body) || body.success !== false || !Array.isArray(body.errors)) return null;
  const errors = body.errors.filter(isObject);
  return {
    codes: errors.map(({ code }) => numberOf(code)).filter((code) => code !== null),
    messages: errors.map(({ message }) => message).filter((message) => typeof message === "string"),
  };
}

function isSuccess(body: unknown): body is { success: true; result: unknown; result_info?: unknown } {
  return isObject(body) && body.success === true && "result" in body;
}

/** Null where it says nothing. */
function wholeNumber(value: unknown, from: number): number | null {
  const number = numberOf(value);
  return Number.isSafeInteger(number) && number! >= from ? number : null;
}

/** A number, also where it comes as text. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
