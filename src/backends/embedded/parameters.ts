/** A parameter as PostgreSQL's text protocol takes it, by the rules of `pg`: arrays as `{…}`, other objects as JSON. Null stays null. */
export function toPostgresText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `{${value.map(toArrayElement).join(",")}}`;
  return JSON.stringify(value);
}

function toArrayElement(value: unknown): string {
  if (Array.isArray(value)) return toPostgresText(value) as string;
  const text = toPostgresText(value);
  return text === null ? "NULL" : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
