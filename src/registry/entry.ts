import { z } from "zod";

/** Where an entry comes from. Everything but `A1S_INTERNAL` is synced from a directory and can't be updated. */
export const PROVENANCES = [
  "A1S_INTERNAL",
  "SNOOPY-CASB_OFFICE_365",
  "SNOOPY-OFFICE_365",
  "SNOOPY-GOOGLE_DIRECTORY",
] as const;

/** A field that the API documents as optional, and Cloudflare's own SDK in part as nullable too. */
const orElse = <T extends string | boolean>(schema: z.ZodType<T>, missing: T) =>
  schema.nullish().transform((value) => value ?? missing);

const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

/**
 * One record of the impersonation registry, as the API answers it. New fields are tolerated and kept;
 * absent nullable fields read as null. Source: the reference page of the PATCH call, "Returns".
 */
export const entrySchema = z.looseObject({
  id: z.string(),
  name: orElse(z.string(), ""),
  email: orElse(z.string(), ""),
  is_email_regex: orElse(z.boolean(), false),
  comments: z.string().nullable().default(null),
  /** A string rather than one of PROVENANCES, so that a directory kind added later is still read (and counts as synced). */
  provenance: orElse(z.string(), "A1S_INTERNAL"),
  directory_id: z.number().nullable().default(null),
  directory_node_id: z.number().nullable().default(null),
  external_directory_node_id: z.string().nullable().default(null),
  created_at: optional(z.string()),
  modified_at: optional(z.string()),
});
/** An entry as the API shows it, checked field by field. */
export type Entry = z.infer<typeof entrySchema> & {
  /** Fields whose value could not be read; the entry shows a stand-in there, as if they were absent. Left out where there are none. */
  odd?: readonly OddField[];
};

/** A field of an entry whose value is of a type that it should not have. */
export interface OddField {
  field: string;
  /** As the API gave it. */
  found: unknown;
}

/**
 * Reads an entry, whatever the types of its fields: those that can't be read are named in `odd`. An entry without a readable
 * id, and anything that is no entry at all, has the id "".
 */
export function readEntry(value: unknown): Entry {
  const read = entrySchema.safeParse(value);
  if (read.success) return read.data;
  const fields: Record<string, unknown> = isObject(value) ? { ...value } : {};
  const odd: OddField[] = [];
  for (const field of new Set(read.error.issues.map(({ path }) => String(path[0] ?? "id")))) {
    odd.push({ field, found: isObject(value) ? value[field] : value });
    delete fields[field];
  }
  return { ...entrySchema.parse({ id: "", ...fields }), odd };
}

/** The id that `readEntry` gives. */
export function readEntryId(value: unknown): string {
  return isObject(value) && typeof value.id === "string" ? value.id : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `directory_id is "17", where a number or null was expected`, for one field that can't be read. */
export function describeOdd({ field, found }: OddField): string {
  const text = found === undefined ? "absent" : JSON.stringify(found);
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return `${field} is ${shown}, where ${EXPECTED[field] ?? "text"} was expected`;
}

const LONGEST_SHOWN = 60;

const EXPECTED: Record<string, string | undefined> = {
  is_email_regex: "true or false",
  directory_id: "a number or null",
  directory_node_id: "a number or null",
};

/** The fields that a PATCH may carry, in the order in which they are shown. */
export const UPDATABLE_FIELDS = [
  "email",
  "name",
  "comments",
  "is_email_regex",
  "directory_id",
  "directory_node_id",
  "external_directory_node_id",
  "provenance",
] as const;
/** A field that a PATCH can carry. */
export type UpdatableField = (typeof UPDATABLE_FIELDS)[number];
export type FieldValue = string | number | boolean | null;

/** The body of a PATCH: only the fields given are changed. */
export type EntryUpdate = { [F in UpdatableField]?: FieldValue };

/** True for an entry that comes from Microsoft 365 or Google and so can't be updated through the API. */
export function isDirectorySynced(entry: Pick<Entry, "provenance">): boolean {
  return entry.provenance !== "A1S_INTERNAL";
}
