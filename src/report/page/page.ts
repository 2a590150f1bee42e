import { createHash } from "node:crypto";
import type { Run } from "../../runs/run.ts";
import { isOver } from "../../runs/states.ts";
import { clip } from "../clip.ts";
import { headline } from "../headline.ts";
import type { ReportFile } from "../report-folder.ts";
import type { RowStatistics } from "../row-statistics.ts";
import { formatDuration } from "../../wording.ts";
import { aboutSection, time } from "./about-section.ts";
import { Html, html, userText } from "../../html.ts";
import { nextSteps, stateNotice } from "./next-steps.ts";
import { SCRIPT } from "./script.ts";
import {
  allRowsSection,
  causesSection,
  driftSection,
  outcomesSection,
  syncedSection,
  updatedSection,
  warningsSection,
} from "./sections.ts";
import { STYLE } from "./style.ts";

export interface PageOptions {
  run: Run;
  statistics: RowStatistics;
  /** The files beside the page, to link to; none where it stands alone. */
  files: readonly ReportFile[];
  /** Of bulkpatch. */
  version: string;
  /** Epoch milliseconds; said on the page of a run that is not over. */
  now: number;
}

/**
 * report.html, section by section: one page that needs nothing else, loads nothing, and runs no script but its own.
 * The numbers are those of the statistics, so that they add up to the rows that the page was made of.
 */
export function* renderPage({ run, statistics, files, version, now }: PageOptions): Generator<string> {
  const seen: Run = { ...run, rows: statistics.rows, outcomes: statistics.outcomes };
  const [before, after] = frame(seen, version, now);
  yield before;
  yield outcomesSection(seen).text;
  yield nextSteps(seen, statistics.directories, files.length > 0).text;
  yield syncedSection(statistics.directories)?.text ?? "";
  yield causesSection(statistics.causes, run.id)?.text ?? "";
  yield warningsSection(statistics.warned, statistics.warnedRows)?.text ?? "";
  yield driftSection(statistics.drifted, statistics.driftedRows)?.text ?? "";
  yield updatedSection(statistics.updated, statistics.outcomes.updated)?.text ?? "";
  yield allRowsSection(statistics.sample, statistics.rows)?.text ?? "";
  yield aboutSection(run, files).text;
  yield after;
}

/** Stands in the frame where the sections go. No text of a person can hold it: what goes into markup is escaped. */
const SECTIONS = new Html("<!-- sections -->");

/** The page's text before and after its sections: one template, so that each tag is closed where it was opened. */
function frame(run: Run, version: string, now: number): [before: string, after: string] {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${clip(run.source.name, 80)} · ${run.id} · bulkpatch report</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <header>
            <p class="sub">Report of run ${run.id}</p>
            <h1>${title(headline(run))}</h1>
            <p class="sub">${userText(clip(run.source.name))} · ${when(run, now)}</p>
          </header>
          ${stateNotice(run)}${SECTIONS}
        </main>
        <footer>Written by bulkpatch ${version}.</footer>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `;
  const at = text.indexOf(SECTIONS.text);
  return [text.slice(0, at), text.slice(at + SECTIONS.text.length)];
}

/** The headline, its first clause largest. */
function title(sentence: string): Html {
  const [first, ...rest] = sentence.split("; ");
  return rest.length === 0
    ? html`${first!}`
    : html`${first!}<span class="pause">; </span><span class="rest">${rest.join("; ")}</span>`;
}

function when(run: Run, now: number): Html {
  if (!isOver(run.state) || run.finishedAt === null) return html`as of ${time(now)}`;
  return html`${run.state} ${time(run.finishedAt)} · took ${formatDuration(run.finishedAt - run.createdAt)}`;
}

// Whole, because the policy's hash is of every character between the tags.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${SCRIPT}</script>`);

const POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
