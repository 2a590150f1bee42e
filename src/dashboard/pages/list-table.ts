import { html, type Html } from "../../html.ts";

/** A column of a list: its head, and whether its cells are numbers. */
export interface Column {
  head: string;
  number?: boolean;
}

export interface ListRow {
  /** Of the element: a page that is put up to date finds the row by it. */
  id?: string;
  /** One for each column; the first names the row. Null: nothing to say. */
  cells: readonly (Html | string | number | null)[];
}

export interface ListOptions {
  /** A last row, which sums up. */
  sum?: ListRow | null;
  /** Rows of a spreadsheet: their number, their entry, and what there is to say. */
  kind?: "rows" | null;
}

/**
 * A list as a table. On a narrow window each row becomes a block, and each cell says its column's head beside it; the roles keep it
 * a table for those who have it read to them.
 */
export function listTable(
  columns: readonly Column[],
  rows: readonly ListRow[],
  { sum = null, kind = null }: ListOptions = {},
): Html {
  return html`<table class="list ${kind}" role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(({ head, number }) => html`<th scope="col" role="columnheader" ${number ? NUMBER : null}>${head}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => renderRow(columns, row))}
    </tbody>
    ${
      sum &&
      html`<tfoot role="rowgroup">
        ${renderRow(columns, sum)}
      </tfoot>`
    }
  </table>`;
}

const NUMBER = html` class="number"`;

function renderRow(columns: readonly Column[], { id, cells }: ListRow): Html {
  return html`<tr role="row" ${id === undefined ? null : html` id="${id}"`}>
    ${cells.map((cell, i) => {
      const { head, number } = columns[i]!;
      return i === 0
        ? html`<th scope="row" role="rowheader" ${number ? html` class="number" data-label="${head}"` : null}>
            ${cell}
          </th>`
        : html`<td role="cell" data-label="${head}" ${number ? NUMBER : null}>${cell ?? "–"}</td>`;
    })}
  </tr>`;
}
