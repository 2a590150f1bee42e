import { html } from "../../html.ts";
import type { Problem } from "../problem.ts";
import type { Page } from "../route.ts";

/** What somebody sees instead of a page: what went wrong, and what to do next. */
export function errorPage({ title, detail, remedy }: Problem): Page {
  return {
    title,
    main: html`<h1>${title}</h1>
      <p>${detail}</p>
      <p>${remedy}</p>
      <p><a href="/">Overview</a></p>`,
  };
}
