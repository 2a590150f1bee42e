import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { scheduleView } from "../../schedules/view.ts";
import { countOf, formatDuration } from "../../wording.ts";
import type { Attention } from "../facts/attention.ts";
import { type Overview, overviewOf } from "../facts/overview.ts";
import type { ScheduleFact } from "../facts/schedules.ts";
import { pageRoute } from "../route.ts";
import { activeRuns } from "./active-runs.ts";
import { whatHelps } from "../remedies.ts";
import { budgetLine } from "./budget-line.ts";
import { listTable } from "./list-table.ts";
import { scheduleState } from "./state.ts";
import { trafficChart } from "./traffic-chart.ts";

const HOUR = 3_600_000;
const CHART_MS = 6 * HOUR;

export const overviewPage = pageRoute({
  path: "/",
  right: "viewer",
  render: async ({ desk }) => {
    const now = desk.now();
    const from = now - CHART_MS;
    const { accountId } = desk.registry.api;
    const [seen, traffic] = await Promise.all([overviewOf(desk), desk.backend.traffic.since({ accountId }, from)]);
    return {
      title: "Overview",
      live: true,
      main: html`<h1 class="verdict">${verdict(seen)}</h1>
        ${attentionList(seen.attention, now)}
        <section>
          <h2>Runs under way</h2>
          ${activeRuns(seen.active)}
        </section>
        <section>
          <h2>Request budget</h2>
          ${budgetLine(seen.budget)} ${trafficChart(traffic, from, now)}
        </section>
        <section>
          <h2>Schedules</h2>
          ${schedulesTable(seen.schedules, now)}
        </section>
        <section>
          <h2>Workers</h2>
          <p>
            ${seen.workers.length === 0 ? "No worker process is alive." : `${countOf(seen.workers.length, "worker process is", "worker processes are")} alive.`}
            <a href="/workers">See them</a>
          </p>
        </section>`,
    };
  },
});

/** The one line that is read first. */
function verdict({ attention, active }: Overview): string {
  if (attention.length > 0)
    return `${attention.length === 1 ? "1 thing needs" : `${attention.length} things need`} you`;
  const working = active.filter(({ progress }) => progress.doing !== "resting").length;
  if (working > 0) return `All is well; ${countOf(working, "run is", "runs are")} under way`;
  return "All is well; nothing is under way";
}

function attentionList(attention: readonly Attention[], now: number): Html | null {
  if (attention.length === 0) return null;
  return html`<ul class="attention">
    ${attention.map((item) => {
      const { kind, id, message, since } = item;
      const to = kind === "run" ? `/runs/${id}` : `/schedules/${encodeURIComponent(id)}`;
      return html`<li class="notice">
        <a href="${to}">${userText(message)}</a>
        <p>${whatHelps(item)}</p>
        <p class="sub">since ${time(since)} (${formatDuration(Math.max(0, now - since))})</p>
      </li>`;
    })}
  </ul>`;
}

function schedulesTable(schedules: readonly ScheduleFact[], now: number): Html {
  if (schedules.length === 0) {
    return html`<p class="muted">
      There are none. <code>bulkpatch schedule add</code> keeps the registry equal to a list.
    </p>`;
  }
  return listTable(
    [{ head: "Schedule" }, { head: "State" }, { head: "Next" }, { head: "Last success" }],
    schedules.map(({ schedule, last, lastSuccessAt }) => {
      const { name, state, next_at } = scheduleView(schedule, last, now);
      return {
        id: `schedule-${encodeURIComponent(name)}`,
        cells: [
          html`<a href="/schedules/${encodeURIComponent(name)}">${name}</a>`,
          scheduleState(state),
          next_at === null ? null : time(Date.parse(next_at)),
          lastSuccessAt === null ? "none yet" : time(lastSuccessAt),
        ],
      };
    }),
  );
}
