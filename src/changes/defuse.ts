/**
 * A cell that a spreadsheet program would run as a formula is written with an apostrophe before it. So that the
 * way back is exact, a cell that already looks like a defused one gets one apostrophe more: `=1` is written `'=1`,
 * `'=1` is written `''=1`, and reading takes one away again. Everything else, `'quoted'` and `O'Neil` included, is left alone.
 *
 * What counts as dangerous: tab, carriage return or line feed at the start; `=`, `+`, `-`, `@` (also in full width, which
 * a Japanese Excel accepts) at the start or behind spaces, which Excel ignores.
 * Source: OWASP, "CSV Injection".
 */
const DANGEROUS = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/** The cell as it is safe to write into a file for spreadsheets; `undefuse` gives the cell back exactly. */
export function defuse(cell: string): string {
  return DANGEROUS.test(cell) ? `'${cell}` : cell;
}

/** The cell as it was before `defuse`; a cell that `defuse` did not touch comes back as it is. */
export function undefuse(cell: string): string {
  return cell.charCodeAt(0) === 39 && DANGEROUS.test(cell) ? cell.slice(1) : cell;
}
