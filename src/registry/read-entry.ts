import { z } from "zod";
import type { Entry, OddField } from "./entry.ts";

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
  provenance: orElse(z.string(), "A1S_INTERNAL"),
  directory_id: z.number().nullable().default(null),
  directory_node_id: z.number().nullable().default(null),
  external_directory_node_id: z.string().nullable().default(null),
  created_at: optional(z.string()),
  modified_at: optional(z.string()),
});

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
