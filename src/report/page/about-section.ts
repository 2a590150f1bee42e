import type { Run } from "../../runs/run.ts";
import { clip } from "../clip.ts";
import type { ReportFile } from "../report-folder.ts";
import { countOf, formatCount, formatDuration, formatTime } from "../../wording.ts";
import { html, type Html, userText } from "../../html.ts";

const MOST_EVENTS = 100;

const FILE_TEXTS: Record<ReportFile, string> = {
  "report.csv": "every row and how it ended",
  "summary.json": "the numbers, for scripts",
  "report.html": "this page",
  "failed.csv": "the rows to fix or to try again, as they were",
  "directory-synced.csv": "the entries to change in their directory",
  "undo.csv": "the values from before",
};

/** Source, people, times and requests of a run, and the report's files where the page lies beside them. */
export function aboutSection(run: Run, files: readonly ReportFile[]): Html {
  const { source, requests } = run;
  const startedBy = run.events[0]?.by ?? null;
  const facts: [string, Html | null][] = [
    ["Run", html`${run.id}`],
    ["Tried again from", run.retryOf === null ? null : html`${run.retryOf}`],
    ["Spreadsheet", html`${userText(clip(source.name))}, ${countOf(source.rows, "row")}`],
    ["SHA-256", source.sha256 === "" ? null : html`<code>${source.sha256}</code>`],
    ["Account", html`<code>${run.accountId}</code>`],
    ["Started", html`${time(run.createdAt)}${startedBy === null ? null : html` by ${userText(clip(startedBy))}`}`],
    [
      "Ended",
      run.finishedAt === null
        ? null
        : html`${time(run.finishedAt)}, after ${formatDuration(run.finishedAt - run.createdAt)}`,
    ],
    [
      "Requests",
      html`${formatCount(requests.total)} sent, ${formatCount(requests.retries)} of them retries;
      ${requests.throttled === 0 ? "none" : formatCount(requests.throttled)} answered with 429 (limit reached)`,
    ],
    ["Comparison", run.options.noPlan ? html`none: every valid row was sent (--no-plan)` : null],
  ];
  return html`<section id="about">
    <h2>About this run</h2>
    <dl>
      ${facts.map(([name, value]) =>
        value
          ? html`<dt>${name}</dt>
              <dd>${value}</dd> `
          : null,
      )}
    </dl>
    ${eventsTable(run)}${filesList(files)}
  </section> `;
}

/** A moment, in UTC as it is written; the page's script shows it in the reader's time zone. */
export function time(epochMs: number, seconds: "with seconds" | null = null): Html {
  const iso = new Date(epochMs).toISOString();
  return html`<time datetime="${iso}" ${seconds ? html` data-seconds` : null}>${formatTime(epochMs, seconds)}</time>`;
}

function eventsTable(run: Run): Html | null {
  if (run.events.length === 0) return null;
  const events = run.events.slice(-MOST_EVENTS);
  const more = run.events.length - events.length;
  return html`<h3>
      What
      happened${more > 0 ? html` <span class="count">the last ${MOST_EVENTS} of ${formatCount(run.events.length)}</span>` : null}
    </h3>
    <table class="events">
      <thead>
        <tr>
          <th class="when" scope="col">When</th>
          <th scope="col">What</th>
          <th class="by" scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        ${events.map(
          ({ at, what, by, detail }) =>
            html`<tr>
              <td>${time(at, "with seconds")}</td>
              <td>
                ${userText(clip(what))}${detail === null ? null : html` <span class="change muted">${userText(clip(detail))}</span>`}
              </td>
              <td>${userText(clip(by))}</td>
            </tr> `,
        )}
      </tbody>
    </table> `;
}

function filesList(files: readonly ReportFile[]): Html | null {
  const others = files.filter((file) => file !== "report.html");
  if (others.length === 0) return null;
  return html`<h3>Files beside this page</h3>
    <dl>
      ${others.map(
        (file) =>
          html`<dt><a href="${file}">${file}</a></dt>
            <dd>${FILE_TEXTS[file]}</dd> `,
      )}
    </dl> `;
}
