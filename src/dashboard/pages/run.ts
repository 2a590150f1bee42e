import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { outcomesSection } from "../../report/page/sections.ts";
import { directoryTitle } from "../../report/directory-advice.ts";
import { headline } from "../../report/headline.ts";
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
import { progressOf } from "../facts/run-progress.ts";
import { nextStep } from "../remedies.ts";
import { pageRoute } from "../route.ts";
import { RunParams } from "../run-params.ts";
import { button } from "./button.ts";
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
    const [progress, { causes, directories }, traffic] = await Promise.all([
      progressOf(desk, run),
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
        <p><a href="/runs/${run.id}/rows">All rows</a></p>
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
            ${formatCount(run.requests.throttled)} answered with 429.
          </p>
          ${trafficChart(traffic, run.createdAt, now)}
        </section>
        <section>
          <h2>Report</h2>
          <ul class="files">
            ${REPORT_FILES.map((file) => html`<li><a href="/api/v1/runs/${run.id}/report/${file}" download>${file}</a></li>`)}
          </ul>
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
  return html`<section>
    <h2>Rows that did not get through</h2>
    ${causes.map((cause) => {
      const { outcome, httpStatus, apiCode, message, rows, advice, canRetry } = cause;
      const codes = [httpStatus && `HTTP ${httpStatus}`, apiCode && `code ${apiCode}`].filter(Boolean).join(", ");
      const fields = { outcomes: outcome, ...(apiCode !== null && { codes: String(apiCode) }) };
      const mayRetry = canRetry && isOver(run.state) && visitor?.role === "operator";
      return html`<h3>${OUTCOME_LABELS[outcome]} <span class="count">${countOf(rows, "row")}</span></h3>
        <p class="cause">${codes}${codes && message ? ": " : null}${message === null ? null : userText(message)}</p>
        ${advice && html`<p>${advice}</p>`}
        <div class="actions">
          <a href="${addressOf(`/runs/${run.id}/rows`, { outcome, code: apiCode ?? undefined })}">See the rows</a>
          ${mayRetry ? button({ to: `/runs/${run.id}/retry`, label: `Try ${countOf(rows, "row")} again`, fields }) : null}
        </div>`;
    })}
  </section>`;
}

function history(run: Run): Html {
  const took = run.finishedAt === null ? null : html`<p>It took ${formatDuration(run.finishedAt - run.createdAt)}.</p>`;
  return html`<section>
    <h2>Who did what</h2>
    ${took}
    <table class="list">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        ${run.events.map(
          ({ at, what, by, detail }) =>
            html`<tr>
              <td>${time(at, "with seconds")}</td>
              <td>${what}${detail === null ? null : html` <span class="sub">${userText(detail)}</span>`}</td>
              <td>${userText(by)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
