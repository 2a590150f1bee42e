/**
 * The same value with the names of its fields as scripts see them everywhere: `noPlan` becomes `no_plan`. What people wrote, the
 * names of their columns in `read`, stays as it is.
 */
export function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      name === "read" ? inner : snakeKeys(inner),
    ]),
  );
}
