/**
 * The text of a `.env` file with these settings in it: where one stands already, also commented out, in its place, else at the end.
 * All other lines stay as they are.
 */
export function withSettings(text: string, settings: Readonly<Record<string, string>>): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  for (const [name, value] of Object.entries(settings)) {
    const line = `${name}=${quoted(value)}`;
    const isSet = (other: string): boolean => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(other);
    const isSetOrCommented = (other: string): boolean => isSet(other.replace(/^\s*#\s*/, ""));
    const at = lines.findIndex(isSet);
    const place = at >= 0 ? at : lines.findIndex(isSetOrCommented);
    if (place >= 0) lines[place] = line;
    else lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

/** As node:util's parseEnv reads it back. */
function quoted(value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  if (quote === undefined)
    throw new RangeError("the value holds all three kinds of quotes, so no .env file can hold it");
  return `${quote}${value}${quote}`;
}
