import type { UpdatableField } from "../registry/entry.ts";

/** What a column can mean: a field that is sent, or one of the three that find and guard the entry. */
export type Field = UpdatableField | "impersonation_registry_id" | "match_email" | "modified_at";

/** Every field, with the other names under which its column is recognised. */
const NAMES: Record<Field, string[]> = {
  impersonation_registry_id: ["id", "entry id"],
  match_email: ["current email"],
  email: ["email address", "user email"],
  name: ["display name"],
  comments: ["comment", "notes"],
  is_email_regex: ["regex"],
  directory_id: [],
  directory_node_id: [],
  external_directory_node_id: [],
  provenance: [],
  modified_at: [],
};

/** Every field, in the order in which they are shown. */
export const FIELDS = Object.keys(NAMES) as Field[];

/** The columns by which an entry can be found; a spreadsheet needs at least one. */
export const FINDING_FIELDS = ["impersonation_registry_id", "match_email", "email"] as const satisfies Field[];

/** A header without what may differ: case, spaces (also no-break ones), `_`, `-` and a byte-order mark. */
export function normalizeHeader(header: string): string {
  return header.toLowerCase().replace(/[\s_\-\u00ad\u2010\u2011\u200b\ufeff]+/g, "");
}

/** Normalised name → field. */
export const FIELD_BY_NAME: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) => [field, ...NAMES[field]].map((name) => [normalizeHeader(name), field] as const)),
);
