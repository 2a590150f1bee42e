import { html, type Html } from "../../html.ts";

export interface ButtonOptions {
  /** Where it is sent to. */
  to: string;
  label: string;
  fields?: Record<string, string>;
  /** Asked before it is sent, where the script runs; the first line of the page it leads to says the rest. */
  ask?: string;
  tone?: "plain" | "main" | "danger";
}

/** A form of one button: works without a script. */
export function button({ to, label, fields = {}, ask, tone = "plain" }: ButtonOptions): Html {
  return html`<form method="post" action="${to}" class="act" ${ask === undefined ? null : html` data-ask="${ask}"`}>
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button class="${tone}">${label}</button>
  </form>`;
}
