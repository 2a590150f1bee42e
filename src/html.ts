import { visibleText } from "./visible-text.ts";

/** Text that is markup already. Everything else that goes into `html` is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | readonly Part[];

/**
 * Markup from a template: strings and numbers in it are escaped, lists are joined, null is nothing.
 * The template's indentation is left out.
 */
export function html(template: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(
    withoutIndentation(template).reduce((text, string, i) => text + render(parts[i - 1] ?? null) + string),
  );
}

const unindented = new WeakMap<TemplateStringsArray, string[]>();

/** Done once for each template: a table has thousands of rows from one. */
function withoutIndentation(template: TemplateStringsArray): string[] {
  let strings = unindented.get(template);
  if (!strings) {
    strings = template.map((string) => string.replaceAll(/\n\s+/g, "\n"));
    unindented.set(template, strings);
  }
  return strings;
}

/** A person's text inside markup: kept apart from the direction of what is around it, and without characters that act unseen. */
export function userText(text: string): Html {
  return html`<bdi>${visibleText(text)}</bdi>`;
}

function render(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return escape(String(part));
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
