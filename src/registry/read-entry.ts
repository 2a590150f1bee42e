import type { Entry, OddField } from "./entry.ts";

/** Each field that is known: of which type it is, and what it reads as where it is absent or null. */
const FIELDS: [field: string, type: "string" | "number" | "boolean", missing: string | boolean | null | undefined][] = [
  ["id", "string", ""],
  ["name", "string", ""],
  ["email", "string", ""],
  ["is_email_regex", "boolean", false],
  ["comments", "string", null],
  ["provenance", "string", "A1S_INTERNAL"],
  ["directory_id", "number", null],
  ["directory_node_id", "number", null],
  ["external_directory_node_id", "string", null],
  ["created_at", "string", undefined],
  ["modified_at", "string", undefined],
];

/**
 * Reads an entry as the API answers it, whatever the types of its fields: those that can't be read are named in `odd`. An entry
 * without a readable id, and anything that is no entry at all, has the id "". New fields are tolerated and kept. A field may be
 * absent where the API documents it as optional, and null, as Cloudflare's own SDK has some of them. Source: the reference page
 * of the PATCH call, "Returns".
 */
export function readEntry(value: unknown): Entry {
  if (!isObject(value)) return { ...readEntry({ id: "" }), odd: [{ field: "id", found: value }] };
  const entry: Record<string, unknown> = { ...value };
  const odd: OddField[] = [];
  for (const [field, type, missing] of FIELDS) {
    const found = value[field];
    if (typeof found === type) continue;
    if ((found !== undefined && found !== null) || field === "id") odd.push({ field, found });
    entry[field] = missing;
  }
  return (odd.length === 0 ? entry : { ...entry, odd }) as Entry;
}

/** The id that `readEntry` gives. */
export function readEntryId(value: unknown): string {
  return isObject(value) && typeof value.id === "string" ? value.id : "";
}

/** Of what was JSON: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
