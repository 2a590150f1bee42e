import { FIELD_BY_NAME, FIELDS, normalizeHeader } from "./columns.ts";
import { show } from "./cells/show.ts";
import { NOT_USED } from "./header.ts";
import { SourceError } from "./source.ts";

/**
 * A saved mapping (`--map-file`): JSON like `{"Work e-mail": "email", "Private e-mail": ""}`; an empty field means that the column
 * is not used.
 * @param file name for messages
 * @returns for `ReadOptions.map`
 * @throws SourceError `bad_mapping`
 */
export function parseMapping(file: string, text: string): Record<string, string> {
  const refuse = (found: string) =>
    new SourceError(
      "bad_mapping",
      `${file}: expected JSON like {"Their Header": "email"}, found ${found}`,
      `Map each header to one of ${FIELDS.join(", ")}, or to "" to leave the column out.`,
    );
  let mapping: unknown;
  try {
    mapping = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw refuse((error as Error).message.replaceAll(/\s+/g, " "));
  }
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping))
    throw refuse(Array.isArray(mapping) ? "a list" : `a ${mapping === null ? "null" : typeof mapping}`);
  for (const [header, field] of Object.entries(mapping)) {
    if (typeof field !== "string") throw refuse(`${show(header)} mapped to ${show(JSON.stringify(field))}`);
    if (field.trim() !== NOT_USED && !FIELD_BY_NAME.has(normalizeHeader(field)))
      throw refuse(`${show(header)} mapped to ${show(field)}`);
  }
  return mapping as Record<string, string>;
}
