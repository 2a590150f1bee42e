import { html } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { presentWorkers } from "../../runs/attendance.ts";
import { pageRoute } from "../route.ts";

export const workersPage = pageRoute({
  path: "/workers",
  right: "viewer",
  render: async ({ desk }) => {
    const workers = await presentWorkers(desk.backend.presence, desk.registry.api.accountId);
    return {
      title: "Workers",
      live: true,
      main: html`<h1>Workers</h1>
        ${
          workers.length === 0
            ? html`<p class="muted">
                No worker process is alive. <code>bulkpatch worker</code> starts one, and
                <code>bulkpatch serve</code> works, too, unless it is told not to.
              </p>`
            : html`<table class="list">
                <thead>
                  <tr>
                    <th scope="col">Machine</th>
                    <th scope="col" class="number">Process</th>
                    <th scope="col">Since</th>
                  </tr>
                </thead>
                <tbody>
                  ${workers.map(
                    ({ host, pid, startedAt }) =>
                      html`<tr>
                        <th scope="row">${host}</th>
                        <td class="number">${pid}</td>
                        <td>${time(startedAt)}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>`
        }`,
    };
  },
});
