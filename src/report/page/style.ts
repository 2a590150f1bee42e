/** The page's style. Colours of outcomes stay apart for readers who see fewer of them (after Okabe and Ito, and Tol), and are never the only sign. */
export const STYLE = `
:root {
  color-scheme: light;
  --ink: #1b1f24; --muted: #5b636d; --line: #e1e5ea; --ground: #ffffff; --panel: #f6f7f9; --link: #0b5cad;
  --updated: #0072b2; --unchanged: #7dbde8; --synced: #e69f00; --fix: #c84e00; --retry: #882255; --skipped: #8b939c; --open: #c9ced5;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --ink: #e7eaee; --muted: #9ba4af; --line: #2e343c; --ground: #14171b; --panel: #1c2026; --link: #79b8ff;
    --updated: #3d9bdc; --unchanged: #9fd3f5; --synced: #f0b73f; --fix: #ef7a36; --retry: #c9659b; --skipped: #7d8691; --open: #454d57;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, footer { max-width: 56rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 3.5rem 0 1.5rem; }
h1 { font-size: 2rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; margin: .35rem 0 .75rem; text-wrap: pretty; }
h1 .pause { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
h1 .rest { display: block; font-size: 1.25rem; line-height: 1.4; font-weight: 400; letter-spacing: 0; margin-top: .35rem; }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin: 0 0 .5rem; }
h3 { font-size: 1rem; font-weight: 650; margin: 2rem 0 .25rem; }
h3 .count { font-weight: 400; color: var(--muted); margin-left: .4em; }
p { margin: .25rem 0 .75rem; max-width: 44rem; text-wrap: pretty; }
section { padding: 2.25rem 0 0; }
a { color: var(--link); text-underline-offset: .15em; }
.muted, .sub { color: var(--muted); }
.sub { margin: 0; }
code { font: .9em/1.4 ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, monospace; }
p code, li code { display: inline-block; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .1em .35em; }
.notice { border-left: 4px solid var(--fix); background: var(--panel); padding: .75rem 1rem; margin: 0 0 .5rem; max-width: none; }
.notice p { margin: 0; max-width: none; }
.notice p + p { margin-top: .35rem; }
.next { margin: 0; padding: 0; list-style: none; }
.next li { padding: .55rem 0; border-top: 1px solid var(--line); }
.next a { white-space: nowrap; }
.next li:first-child { border-top: 0; padding-top: .1rem; }

.chart { display: block; width: 100%; height: 1.75rem; margin: .25rem 0 1rem; border-radius: 4px; }
.chart .updated { fill: var(--updated); } .chart .unchanged { fill: var(--unchanged); } .chart .synced { fill: var(--synced); }
.chart .fix { fill: var(--fix); } .chart .retry { fill: var(--retry); } .chart .skipped { fill: var(--skipped); } .chart .open { fill: var(--open); }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .6rem; border-radius: 2px; vertical-align: baseline; }
.key rect { x: 0; y: 0; }
.key .updated { fill: var(--updated); } .key .unchanged { fill: var(--unchanged); } .key .synced { fill: var(--synced); }
.key .fix { fill: var(--fix); } .key .retry { fill: var(--retry); } .key .skipped { fill: var(--skipped); } .key .open { fill: var(--open); }

table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-weight: 500; font-size: .8rem; border-bottom-color: var(--muted); }
tbody th { font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
.rows { table-layout: fixed; }
.rows .number { width: 4.5rem; text-align: left; color: var(--muted); }
.rows thead .number { color: var(--muted); }
.rows .entry { width: 38%; }
.outcomes .muted { margin-left: .5em; }
.outcomes tfoot th, .outcomes tfoot td { border-bottom: 0; font-weight: 600; }
.name { font-weight: 550; }
.mail { color: var(--muted); display: block; }
.change { display: block; }
.change + .change { margin-top: .15rem; }
.field { color: var(--muted); }
.note { color: var(--muted); font-size: .85rem; margin: .5rem 0 0; }
.cause { color: var(--muted); margin-bottom: .25rem; }
.stub { color: var(--muted); }

details > summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
#filter { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: .75rem 0; }
#filter[hidden] { display: none; }
#filter input, #filter select { font: inherit; font-size: .9rem; color: inherit; background: var(--ground); border: 1px solid var(--muted); border-radius: 6px; padding: .35rem .6rem; min-width: 0; }
#filter input { flex: 1 1 14rem; max-width: 22rem; }
#filter output { color: var(--muted); font-size: .85rem; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: left; }
th button:hover { text-decoration: underline; }
th[aria-sort=ascending] button::after { content: " ↑"; content: " ↑" / ""; }
th[aria-sort=descending] button::after { content: " ↓"; content: " ↓" / ""; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

dl { display: grid; grid-template-columns: 11rem 1fr; gap: .35rem 1rem; margin: .5rem 0 0; font-size: .9rem; }
dt { color: var(--muted); }
dd { margin: 0; }
.events { table-layout: fixed; }
.events .when { width: 13rem; } .events .by { width: 34%; }
footer { color: var(--muted); font-size: .85rem; padding-top: 2.5rem; padding-bottom: 3rem; }

@media (max-width: 40rem) {
  main, footer { padding-left: 1.1rem; padding-right: 1.1rem; }
  header { padding-top: 1.75rem; }
  h1 { font-size: 1.5rem; }
  h1 .rest { font-size: 1.1rem; }
  th, td { padding-left: .4rem; padding-right: .4rem; }
  .rows .number { width: 3rem; }
  .rows .entry { width: 42%; }
  .outcomes .muted { display: block; margin-left: 1.3rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; }
  .events .when { width: 8rem; }
  #filter input { max-width: none; }
}
@media print {
  @page { margin: 16mm 15mm; }
  body { font-size: 10pt; }
  main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  h1 { font-size: 18pt; } h1 .rest { font-size: 12pt; } h2 { font-size: 13pt; }
  h2, h3, .intro, .cause, .advice { break-after: avoid; }
  section { padding-top: 1.1rem; }
  h3 { margin-top: .9rem; }
  .intro { margin-bottom: 0; }
  .chart { height: 1.2rem; }
  a { color: inherit; text-decoration: none; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, li, p, .notice, .chart { break-inside: avoid; }
  footer { padding-top: 1.4rem; }
  .screen, #filter, .printed > summary { display: none; }
  .printed::details-content { display: block; content-visibility: visible; }
  dl { grid-template-columns: 9.5rem 1fr; }
  dl code { font-size: 8.5pt; }
  th button { pointer-events: none; }
  p { max-width: none; }
  th, td { padding: .35rem .5rem; }
  .rows { font-size: 9pt; }
  .rows .number { width: 3.25rem; }
  .rows .entry { width: 42%; }
}
`;
