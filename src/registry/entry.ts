/** Where an entry comes from. Everything but `A1S_INTERNAL` is synced from a directory and can't be updated. */
export const PROVENANCES = [
  "A1S_INTERNAL",
  "SNOOPY-CASB_OFFICE_365",
  "SNOOPY-OFFICE_365",
  "SNOOPY-GOOGLE_DIRECTORY",
] as const;

/** An entry as the API shows it, checked field by field (read-entry.ts). New fields are kept. */
export interface Entry {
  id: string;
  name: string;
  email: string;
  is_email_regex: boolean;
  comments: string | null;
  /** A string rather than one of PROVENANCES, so that a directory kind added later is still read (and counts as synced). */
  provenance: string;
  directory_id: number | null;
  directory_node_id: number | null;
  external_directory_node_id: string | null;
  created_at?: string | undefined;
  modified_at?: string | undefined;
  /** Fields whose value could not be read; the entry shows a stand-in there, as if they were absent. Left out where there are none. */
  odd?: readonly OddField[];
  [field: string]: unknown;
}

/** A field of an entry whose value is of a type that it should not have. */
export interface OddField {
  field: string;
  /** As the API gave it. */
  found: unknown;
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
