import { html, type Html } from "../../html.ts";
import { VERSION } from "../../version.ts";
import type { Visitor } from "../access/visitor.ts";
import { assetUrl } from "../assets.ts";

export interface Layout {
  /** Of the browser's tab; the program's name is added. */
  title: string;
  main: Html;
  live?: boolean;
  /** Null on the login page: no navigation. */
  visitor: Visitor | null;
  /** Of this page, without the query: the navigation marks where one is. */
  path: string;
}

const PLACES = [
  ["/", "Overview"],
  ["/runs", "Runs"],
  ["/schedules", "Schedules"],
  ["/workers", "Workers"],
  ["/budget", "Budget"],
] as const;

/**
 * A whole page. No script or style stands in it, and no style attribute: the policy forbids them. The script finds `<main>` and
 * puts the same page's fresh `<main>` into its place when something happened.
 */
export function renderLayout({ title, main, live = false, visitor, path }: Layout): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · bulkpatch</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="${assetUrl("style.css")}" />
        <script src="${assetUrl("idiomorph.js")}" defer></script>
        <script src="${assetUrl("dashboard.js")}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${visitor && navigation(visitor, path)}
        <main id="main" ${live ? html` data-live` : null}>${main}</main>
        <footer><p>bulkpatch ${VERSION}</p></footer>
      </body>
    </html>`;
}

function navigation(visitor: Visitor, path: string): Html {
  return html`<header class="site">
    <a class="name" href="/">bulkpatch</a>
    <nav aria-label="Main">
      <ul>
        ${PLACES.map(([to, name]) => place(to, name, path))}
        ${visitor.role === "operator" ? [place("/new", "New run", path), place("/queues", "Queues", path)] : null}
      </ul>
    </nav>
    <p id="connection" role="status" hidden></p>
    <form class="who" method="post" action="/logout">
      <span>${visitor.role}</span>
      <button>Log out</button>
    </form>
  </header>`;
}

function place(to: string, name: string, path: string): Html {
  const isHere = path === to || (to !== "/" && path.startsWith(`${to}/`));
  return isHere
    ? html`<li><a href="${to}" aria-current="page">${name}</a></li>`
    : html`<li><a href="${to}">${name}</a></li>`;
}
