import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { RUN_STATES, type Run } from "../../runs/run.ts";
import { RunFilter } from "../api/list-runs.ts";
import type { Desk } from "../desk.ts";
import { findRuns } from "../facts/find-runs.ts";
import { progressOf, speedOf } from "../facts/run-progress.ts";
import { Paging } from "../paging.ts";
import { pageRoute } from "../route.ts";
import { howFar, nameOfRun } from "./active-runs.ts";
import { formatSpeed } from "./budget-line.ts";
import { listTable, type ListRow } from "./list-table.ts";
import { pager } from "./pager.ts";
import { runState } from "./state.ts";

const COLUMNS = [
  { head: "Run" },
  { head: "State" },
  { head: "Rows", number: true },
  { head: "Requests", number: true },
  { head: "Started" },
];

export const runsPage = pageRoute({
  path: "/runs",
  right: "viewer",
  query: RunFilter.extend(Paging.shape),
  render: async ({ desk, query }) => {
    const { runs, next } = await findRuns(desk.backend, query);
    const { after, limit: _, ...filter } = query;
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    return {
      title: "Runs",
      live: true,
      main: html`<h1>Runs</h1>
        ${filterForm(filter)}
        ${
          runs.length === 0
            ? nothingFits(next, isFiltered || after !== undefined)
            : listTable(COLUMNS, await Promise.all(runs.map((run) => rowOf(desk, run))))
        }
        ${pager("/runs", filter, next, "Older runs")}`,
    };
  },
});

async function rowOf(desk: Desk, run: Run): Promise<ListRow> {
  const [progress, speed] = await Promise.all([progressOf(desk, run), speedOf(desk, run)]);
  const startedBy = run.events[0]?.by;
  return {
    id: `run-${run.id}`,
    cells: [
      nameOfRun(run),
      runState(run, progress),
      howFar(run, progress.ended),
      speed === null ? null : `${formatSpeed(speed)} a second`,
      html`${time(run.createdAt)}
      ${startedBy === undefined ? null : html`<span class="sub">${userText(startedBy)}</span>`}`,
    ],
  };
}

function filterForm({ state, name, from, to }: Pick<RunFilter, "state" | "name" | "from" | "to">): Html {
  return html`<form method="get" action="/runs" class="filter">
    <label
      >State
      <select name="state">
        <option value="">All</option>
        ${RUN_STATES.map((one) => html`<option value="${one}" ${one === state ? html` selected` : null}>${one}</option>`)}
      </select>
    </label>
    <label
      >Text
      <input name="name" type="search" value="${name ?? ""}" placeholder="name, run, file, who started it" size="26"
    /></label>
    <label>Started from (UTC) <input name="from" type="date" value="${dayOf(from)}" /></label>
    <label>Before (UTC) <input name="to" type="date" value="${dayOf(to)}" /></label>
    <button>Show</button>
  </form>`;
}

/** As a date field takes it. */
function dayOf(time: string | undefined): string {
  return time?.slice(0, 10) ?? "";
}

function nothingFits(next: string | null, isFiltered: boolean): Html {
  if (next !== null) return html`<p class="muted">None of the runs looked at fits; there are more.</p>`;
  if (isFiltered) return html`<p class="muted">No run fits. <a href="/runs">All runs</a></p>`;
  return html`<p class="muted">There are none yet. <a href="/new">Upload a spreadsheet</a> to start one.</p>`;
}
