import { timeFor, type BudgetView } from "../budget/budget-view.ts";
import { formatCount, formatDuration } from "../wording.ts";

/** How fast requests are answered, as far as is known. */
export interface AnswerPace {
  /** Of one; null where none was seen. */
  answerMs: number | null;
  /** Requests that are on their way at the same time. */
  atATime: number;
}

/**
 * How long so many requests take, and why: `in about 10 s; 1,139 of 1,140 requests are left in this window`. That is as fast as
 * the budget allows, and no faster than answers come.
 */
export function renderTimeNeeded(requests: number, budget: BudgetView, { answerMs, atATime }: AnswerPace): string {
  const answered = answerMs === null ? Number.POSITIVE_INFINITY : (1_000 * atATime) / answerMs;
  const { ms, atOnce, later } = timeFor(requests, { ...budget, perSecond: Math.min(budget.perSecond, answered) });
  const why = [renderWait(budget) ?? renderSlower(budget)];
  if (answerMs !== null && ms >= 1_000 && timeFor(requests, budget).ms < ms / 1.1)
    why.push(`${atATime} at a time, an answer takes ${(answerMs / 1_000).toFixed(1)} s`);
  if (budget.closedForMs === 0 && later !== null) {
    why.push(
      `${formatCount(atOnce)} at once, then ${formatCount(later.requests)} more from ${formatDuration(later.inMs)} on`,
    );
  } else if (budget.closedForMs === 0 && !isBoundless(budget)) {
    why.push(`${formatCount(budget.left)} of ${formatCount(budget.limit)} requests are left in this window`);
  }
  return [`in ${ms < 1_000 ? "" : "about "}${formatDuration(ms)}`, ...why.filter((one) => one !== null)].join("; ");
}

/** Why nothing is sent at the moment; null where the budget is open. */
export function renderWait({ closedForMs, reason }: BudgetView): string | null {
  if (closedForMs === 0) return null;
  const why = reason === "throttled" ? "Cloudflare answered 429" : "Cloudflare says that nothing is left of the limit";
  return `nothing is sent for ${formatDuration(closedForMs)}, since ${why}`;
}

function renderSlower({ reason }: BudgetView): string | null {
  if (reason === "careful") return "evenly spaced for an hour after a 429";
  return reason === "shared" ? "somebody else spends from the same limit" : null;
}

/** Nobody counts requests of a limit like this. */
function isBoundless({ limit, windowMs }: BudgetView): boolean {
  return limit / windowMs >= 1;
}
