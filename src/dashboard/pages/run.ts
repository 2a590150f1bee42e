import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { outcomesSection } from "../../report/page/sections.ts";
import { directoryTitle } from "../../report/directory-advice.ts";
import { headline } from "../../report/headline.ts";
import { OUTCOME_MEANINGS } from "../../report/outcome-groups.ts";
import { REPORT_FILES } from "../../report/report-folder.ts";
import { findRun } from "../../runs/control.ts";
import { reasonOf } from "../../runs/move-run.ts";
import { OUTCOME_LABELS, totalOf } from "../../runs/outcome.ts";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import { countOf, formatCount, formatDuration } from "../../wording.ts";
import type { Visitor } from "../access/visitor.ts";
import { type CauseFact, findCauses } from "../facts/find-causes.ts";
import type { RunProgress } from "../../runs/run-progress.ts";
import { progressOf, speedOf } from "../facts/run-progress.ts";
import { nextStep } from "../remedies.ts";
import { pageRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { formatSpeed } from "./budget-line.ts";
import { button } from "./button.ts";
import { listTable } from "./list-table.ts";
import { addressOf } from "./pager.ts";
import { runState, timeLeft } from "./state.ts";
import { trafficChart } from "./traffic-chart.ts";

export const runPage = pageRoute({
  path: "/runs/:run",
  right: "viewer",
  params: RunParams,
  render: async ({ desk, params, visitor }) => {
    const run = await findRun(desk.backend, params.run);
    const now = run.finishedAt ?? desk.now();
    const [progress, speed, { causes, directories }, traffic] = await Promise.all([
      progressOf(desk, run),
      speedOf(desk, run),
      findCauses(desk.backend, run),
      desk.backend.traffic.since({ runId: run.id }, run.createdAt),
    ]);
    return {
      title: run.id,
      live: !isOver(run.state),
      main: html`<p class="sub"><a href="/runs">Runs</a> › ${run.id}</p>
        <h1>${userText(run.name)}</h1>
        <p>${runState(run, progress)} ${leftText(progress)} <span class="muted">${headline(run)}</span></p>
        ${notice(run)} ${visitor?.role === "operator" ? actions(run) : null} ${outcomesSection(run)}
        <p>
          <a href="/runs/${run.id}/rows">Look at the rows</a>, or take a file of the report with you:
          ${REPORT_FILES.map((file, i) => html`${i === 0 ? "" : ", "}<a href="/api/v1/runs/${run.id}/report/${file}" download>${file}</a>`)}
        </p>
        ${causesPart(run, causes, visitor)}
        ${
          directories.length === 0
            ? null
            : html`<section>
                <h2>Synced from a directory</h2>
                <ul>
                  ${directories.map(({ provenance, rows }) => html`<li>${countOf(rows, "entry", "entries")} in ${userText(directoryTitle(provenance))}</li>`)}
                </ul>
                <p>
                  <a href="${addressOf(`/runs/${run.id}/rows`, { outcome: "rejected_directory_synced" })}">See them</a>
                </p>
              </section>`
        }
        <section>
          <h2>Requests</h2>
          <p>
            ${formatCount(run.requests.total)} sent, ${formatCount(run.requests.retries)} of them retries,
            ${formatCount(run.requests.throttled)} answered with
            429${speed === null ? null : `; ${formatSpeed(speed)} a second`}.
          </p>
          ${trafficChart(traffic, run.createdAt, now)}
        </section>
        ${history(run)}`,
    };
  },
});

function leftText(progress: RunProgress): Html | null {
  const left = timeLeft(progress);
  return left === null ? null : html`<strong>${left}</strong>`;
}

function notice(run: Run): Html | null {
  if (run.reason === null) return null;
  const next = nextStep(run);
  return html`<div class="notice">
    <p>${userText(run.reason)}</p>
    ${next && html`<p>${next}</p>`}
  </div>`;
}

function actions(run: Run): Html {
  const to = (verb: string): string => `/runs/${run.id}/${verb}`;
  const open = run.source.rows - totalOf(run.outcomes);
  const limit = reasonOf(run)?.code === "safety_limit" ? (reasonOf(run)?.changes ?? null) : null;
  const parts: Html[] = [];
  if (run.state === "running" || run.state === "queueing") parts.push(button({ to: to("pause"), label: "Pause" }));
  if (["paused", "pausing", "halted", "interrupted"].includes(run.state)) {
    parts.push(
      limit === null
        ? button({ to: to("resume"), label: "Resume", tone: "main" })
        : button({
            to: to("resume"),
            label: `Allow ${countOf(limit, "change")} and resume`,
            fields: { max_changes: String(limit) },
            ask: `Update ${countOf(limit, "entry", "entries")}?`,
            tone: "main",
          }),
    );
  }
  if (!isOver(run.state) && run.state !== "cancelling") {
    parts.push(
      button({
        to: to("cancel"),
        label: "Cancel",
        ask: `End this run? ${countOf(open, "row")} will not be tried, and it can't be resumed.`,
        tone: "danger",
      }),
    );
  }
  if (isOver(run.state) && run.outcomes.failed > 0)
    parts.push(
      button({ to: to("retry"), label: `Try ${countOf(run.outcomes.failed, "failed row")} again`, tone: "main" }),
    );
  if (isOver(run.state) && run.outcomes.updated > 0 && !run.options.noPlan) {
    const ask = `Put back the values from before of ${countOf(run.outcomes.updated, "entry", "entries")}, where nobody changed them since?`;
    parts.push(button({ to: to("undo"), label: "Undo", ask, tone: "danger" }));
  }
  return html`<div class="actions">${parts}</div>`;
}

function causesPart(run: Run, causes: readonly CauseFact[], visitor: Visitor | null): Html | null {
  if (causes.length === 0) return null;
  const mayRetry = isOver(run.state) && visitor?.role === "operator";
  return html`<section class="causes">
    <h2>Rows that did not get through</h2>
    ${[...Map.groupBy(causes, ({ outcome }) => outcome)].map(([outcome, alike]) => {
      const rows = alike.reduce((sum, cause) => sum + cause.rows, 0);
      return html`<h3>${OUTCOME_LABELS[outcome]} <span class="count">${countOf(rows, "row")}</span></h3>
        ${[...new Set(alike.map(({ advice }) => advice))].map((advice) => advice && html`<p>${advice}</p>`)}
        ${alike.length === 1 && alike[0]!.message === null ? causeActions(run, alike[0]!, mayRetry) : causesTable(run, alike, mayRetry)}`;
    })}
  </section>`;
}

function causesTable(run: Run, causes: readonly CauseFact[], mayRetry: boolean): Html {
  return listTable(
    CAUSE_COLUMNS,
    causes.map((cause) => ({ cells: [causeText(cause), formatCount(cause.rows), causeActions(run, cause, mayRetry)] })),
  );
}

const CAUSE_COLUMNS = [{ head: "Why" }, { head: "Rows", number: true }, { head: "To do" }];

function causeText({ outcome, httpStatus, apiCode, message }: CauseFact): Html {
  const codes = [httpStatus && `HTTP ${httpStatus}`, apiCode && `code ${apiCode}`].filter(Boolean).join(", ");
  if (message === null) return html`${codes || OUTCOME_MEANINGS[outcome]}`;
  return html`${codes}${codes && ": "}${userText(message)}`;
}

function causeActions(run: Run, { outcome, apiCode, canRetry }: CauseFact, mayRetry: boolean): Html {
  const fields = { outcomes: outcome, ...(apiCode !== null && { codes: String(apiCode) }) };
  return html`<div class="actions">
    <a href="${addressOf(`/runs/${run.id}/rows`, { outcome, code: apiCode ?? undefined })}">See the rows</a>
    ${mayRetry && canRetry ? button({ to: `/runs/${run.id}/retry`, label: "Try again", fields }) : null}
  </div>`;
}

function history(run: Run): Html {
  const took = run.finishedAt === null ? null : html`<p>It took ${formatDuration(run.finishedAt - run.createdAt)}.</p>`;
  return html`<section>
    <h2>Who did what</h2>
    ${took}
    ${listTable(
      [{ head: "When" }, { head: "What" }, { head: "Who" }],
      run.events.map(({ at, what, by, detail }) => ({
        cells: [
          time(at, "with seconds"),
          html`${what}${detail === null ? null : html` <span class="sub">${userText(detail)}</span>`}`,
          userText(by),
        ],
      })),
    )}
  </section>`;
}
