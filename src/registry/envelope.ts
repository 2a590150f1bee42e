import { z } from "zod";
import { type Entry, UPDATABLE_FIELDS, type UpdatableField } from "./entry.ts";
import { readEntry } from "./read-entry.ts";

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

const success = z.object({ success: z.literal(true), result: z.unknown() });

/** A whole number, also where it comes as text; anything else says nothing. */
const wholeNumber = (from: number) =>
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number),
    ])
    .pipe(z.number().int().min(from))
    .optional()
    .catch(undefined);

const entryList = z.object({
  success: z.literal(true),
  result: z.array(z.unknown()),
  result_info: z
    .object({ page: wholeNumber(0), per_page: wholeNumber(1), total_count: wholeNumber(0) })
    .nullish()
    .catch(null),
});

const refusal = z.object({ success: z.literal(false), errors: z.array(z.unknown()) });

const code = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);

/** The entry of a successful answer; null where the body is anything else, or about another entry. */
export function parseEntryAnswer(body: unknown, id: string): ShownEntry | null {
  const { data } = success.safeParse(body);
  if (data === undefined) return null;
  const entry = readEntry(data.result);
  if (entry.id.toLowerCase() !== id.toLowerCase()) return null;
  const shown = data.result as Record<string, unknown>;
  const unshown = UPDATABLE_FIELDS.filter(
    (field) => shown[field] === undefined || entry.odd?.some((odd) => odd.field === field) === true,
  );
  return { entry, unshown };
}

/** True where an answer says that a call succeeded, whatever else it says: no body at all, or the envelope of a success. */
export function isAccepted(body: unknown, isEmpty: boolean): boolean {
  return isEmpty || success.safeParse(body).success;
}

/** The page of a successful answer; null where the body is anything else. An entry that can't be read costs no other. */
export function parsePageAnswer(body: unknown, asked: { page: number; perPage: number }): Page | null {
  const { data } = entryList.safeParse(body);
  if (data === undefined) return null;
  return {
    results: data.result,
    page: data.result_info?.page ?? asked.page,
    perPage: data.result_info?.per_page ?? asked.perPage,
    saysPerPage: data.result_info?.per_page !== undefined,
    totalCount: data.result_info?.total_count ?? null,
  };
}

/** Codes and messages of the envelope of a refused call; null where the body is no such envelope. */
export function parseRefusal(body: unknown): { codes: number[]; messages: string[] } | null {
  const { data } = refusal.safeParse(body);
  if (data === undefined) return null;
  const errors = data.errors.filter((error): error is object => typeof error === "object" && error !== null);
  return {
    codes: errors.flatMap((error) => ("code" in error ? (code.safeParse(error.code).data ?? []) : [])),
    messages: errors.flatMap((error) => ("message" in error && typeof error.message === "string" ? error.message : [])),
  };
}
