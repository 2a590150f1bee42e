import { html } from "../../html.ts";
import { lookAtBudget } from "../facts/budget.ts";
import { pageRoute } from "../route.ts";
import { budgetLine } from "./budget-line.ts";
import { trafficChart } from "./traffic-chart.ts";

const DAY = 24 * 3_600_000;

export const budgetPage = pageRoute({
  path: "/budget",
  right: "viewer",
  render: async ({ desk }) => {
    const now = desk.now();
    const { accountId } = desk.registry.api;
    const traffic = await desk.backend.traffic.since({ accountId }, now - DAY);
    return {
      title: "Budget",
      live: true,
      main: html`<h1>Request budget</h1>
        ${budgetLine(await lookAtBudget(desk))}
        <p class="muted">
          Every request counts, whoever sends it: workers on all machines, plans, and other programs that use the same
          token.
        </p>
        <section>
          <h2>The last day</h2>
          ${trafficChart(traffic, now - DAY, now)}
        </section>`,
    };
  },
});
