/**
 * The page's only script: filter and order of the table of all rows, unfolding for paper, and times in the reader's own time zone. Without it the
 * page says the same; the controls are shown only where it runs.
 */
export const SCRIPT = `
"use strict";
for (const time of document.querySelectorAll("time")) {
  time.title = time.textContent;
  time.textContent = new Date(time.dateTime).toLocaleString("en-GB",
    { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
      second: "seconds" in time.dataset ? "2-digit" : undefined, timeZoneName: "short" });
}
for (const folded of document.querySelectorAll("details.printed")) {
  addEventListener("beforeprint", () => { folded.dataset.was = folded.open; folded.open = true; });
  addEventListener("afterprint", () => { folded.open = folded.dataset.was === "true"; });
}
const table = document.querySelector("#rows table");
if (table) {
  const controls = document.querySelector("#filter");
  const [search, outcome] = controls.elements;
  const shown = controls.querySelector("output");
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));

  const filter = () => {
    const words = search.value.toLowerCase().trim();
    let count = 0;
    for (const { row, text } of rows) {
      row.hidden = (outcome.value !== "" && row.dataset.outcome !== outcome.value) || !text.includes(words);
      if (!row.hidden) count += 1;
    }
    shown.textContent = count.toLocaleString("en-US") + (count === 1 ? " row" : " rows");
  };

  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  const sort = (column, sign) => {
    rows.sort((a, b) => sign * compare(a.row.cells[column].textContent, b.row.cells[column].textContent));
    table.tBodies[0].append(...rows.map(({ row }) => row));
  };
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const order = head.ariaSort === "ascending" ? "descending" : "ascending";
      for (const other of head.parentNode.cells) other.ariaSort = null;
      head.ariaSort = order;
      sort(head.cellIndex, order === "ascending" ? 1 : -1);
    });
  }

  controls.addEventListener("input", filter);
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  filter();
}
`;
