import { html, type Html } from "../../html.ts";

/** The way to the next page of a list with the same filter; nothing on the last one. */
export function pager(
  path: string,
  query: Record<string, unknown>,
  next: string | null,
  label = "Next page",
): Html | null {
  if (next === null) return null;
  return html`<p class="pager"><a href="${addressOf(path, { ...query, after: next })}">${label}</a></p>`;
}

/** An address with a query; what is undefined or empty is left out. */
export function addressOf(path: string, query: Record<string, unknown>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return text === "" ? path : `${path}?${text}`;
}
