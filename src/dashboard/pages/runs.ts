import { html } from "../../html.ts";
import { userText } from "../../html.ts";
import { totalOf } from "../../runs/outcome.ts";
import { formatCount, formatTime } from "../../wording.ts";
import { RunFilter } from "../api/list-runs.ts";
import { findRuns } from "../facts/find-runs.ts";
import { Paging } from "../paging.ts";
import { pageRoute } from "../route.ts";

export const runsPage = pageRoute({
  path: "/runs",
  right: "viewer",
  query: RunFilter.extend(Paging.shape),
  render: async ({ desk, query }) => {
    const { runs, next } = await findRuns(desk.backend, query);
    return {
      title: "Runs",
      live: true,
      main: html`<h1>Runs</h1>
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">State</th>
              <th scope="col">Rows</th>
              <th scope="col">Name</th>
              <th scope="col">Started</th>
            </tr>
          </thead>
          <tbody>
            ${runs.map(
              (run) =>
                html`<tr>
                  <th scope="row"><a href="/runs/${run.id}">${run.id}</a></th>
                  <td>${run.state}</td>
                  <td>${formatCount(totalOf(run.outcomes))} of ${formatCount(run.source.rows)}</td>
                  <td>${userText(run.name)}</td>
                  <td>${formatTime(run.createdAt)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
        ${next === null ? null : html`<p><a href="/runs?after=${next}">Older runs</a></p>`}`,
    };
  },
});
