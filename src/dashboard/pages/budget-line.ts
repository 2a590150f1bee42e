import { html, type Html } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { formatCount, formatDuration } from "../../wording.ts";
import type { BudgetFact } from "../facts/budget.ts";

const WHY: Record<NonNullable<BudgetFact["reason"]>, string> = {
  throttled: "Cloudflare said that the limit was reached.",
  used_up: "Cloudflare says that nothing is left until the window resets.",
  careful: "Requests are evenly spaced until it is known that nobody else spends from the limit.",
  shared: "Somebody else spends from the same limit, so requests are spread over what is left.",
};

/** How much of the request budget is used, and why it is closed or slow. */
export function budgetLine(budget: BudgetFact): Html {
  const { limit, used, left, windowSeconds, allFreeAt, closedUntil, reason } = budget;
  return html`<p>
      ${formatCount(used)} of ${formatCount(limit)} requests of the last ${formatDuration(windowSeconds * 1_000)} are
      used, ${formatCount(left)} ${left === 1 ? "is" : "are"} left.
      ${
        closedUntil === null
          ? html`Up to ${formatSpeed(budget.perSecond)} a second may be sent now.`
          : html`<strong>Nothing is sent before ${time(closedUntil, "with seconds")}.</strong>`
      }
      ${reason && WHY[reason]}
      ${allFreeAt === null ? null : html`All ${formatCount(limit)} are free again at ${time(allFreeAt, "with seconds")}.`}
    </p>
    <meter min="0" max="${limit}" value="${Math.min(used, limit)}" aria-label="requests used">
      ${used} of ${limit}
    </meter>`;
}

/** `0.4`, `12`: requests a second. */
export function formatSpeed(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
}
