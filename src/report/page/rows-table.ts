import type { ShownChange } from "../changes-text.ts";
import type { ShownRow } from "../shown-row.ts";
import { formatCount } from "../../wording.ts";
import { Html, html, userText } from "../../html.ts";

/** A table of rows: number, entry, and one column of what there is to say. */
export function rowsTable(rows: readonly ShownRow[], heading: string, say: (row: ShownRow) => Html): Html {
  return html`<table class="rows">
    <thead>
      <tr>
        <th class="number" scope="col">Row</th>
        <th class="entry" scope="col">Entry</th>
        <th scope="col">${heading}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr data-outcome="${row.outcome ?? "open"}">
            <td class="number">${row.row}</td>
            <td>${entryCell(row)}</td>
            <td>${say(row)}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}

/** `name: "Old" → "New"`, a line for each field, with what `remark` has to say of it. */
export function changeLines(
  changes: readonly ShownChange[],
  remark: (change: ShownChange) => string | null = () => null,
): Html {
  return html`${changes.map((change) => {
    const before = change.from === null ? null : html`${userText(change.from)} → `;
    const said = remark(change);
    return html`<span class="change"
      ><span class="field">${change.field}</span>
      ${before}${userText(change.to)}${said === null ? null : html` <span class="muted">(${said})</span>`}</span
    > `;
  })}`;
}

/** Says that a table does not have all rows, and which file has them; nothing where it does. */
export function cappedNote(shown: number, all: number, elsewhere: string): Html | null {
  return shown < all
    ? html`<p class="note">The first ${formatCount(shown)} of ${formatCount(all)}; ${elsewhere} has all of them.</p>`
    : null;
}

/** Whom a row is about; where no entry was found, its cells. */
export function entryCell({ name, email, cells }: ShownRow): Html {
  if (cells !== "") return html`<span class="stub">${userText(cells)}</span>`;
  return html`<span class="name">${userText(name)}</span> <span class="mail">${address(email)}</span>`;
}

/** On a narrow screen an address breaks before its `@` first. */
function address(email: string): Html {
  return new Html(userText(email).text.replace("@", "<wbr>@"));
}
