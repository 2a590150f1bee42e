import { html } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { presentWorkers } from "../../runs/attendance.ts";
import { activeRuns } from "../facts/overview.ts";
import { pageRoute } from "../route.ts";
import { listTable } from "./list-table.ts";

export const workersPage = pageRoute({
  path: "/workers",
  right: "viewer",
  render: async ({ desk }) => {
    const [workers, active] = await Promise.all([
      presentWorkers(desk.backend.presence, desk.registry.api.accountId),
      activeRuns(desk),
    ]);
    const running = active.filter(({ run }) => run.state === "running");
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
            : html`${listTable(
                  [{ head: "Machine" }, { head: "Process", number: true }, { head: "Since" }],
                  workers.map(({ id, host, pid, startedAt }) => ({
                    id: `worker-${id}`,
                    cells: [host.replace(/\/.*$/, ""), pid, time(startedAt)],
                  })),
                )}
                <p>
                  ${
                    running.length === 0
                      ? "No run is being sent, so they wait."
                      : html`Each of them takes part in every run that is being sent:
                        ${running.map(({ run }, i) => html`${i === 0 ? "" : ", "}<a href="/runs/${run.id}">${run.id}</a>`)}`
                  }
                </p>`
        }`,
    };
  },
});
