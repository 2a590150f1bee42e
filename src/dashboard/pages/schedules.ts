import { html, type Html, userText } from "../../html.ts";
import { time } from "../../report/page/about-section.ts";
import { decodeOccasion, type Occasion } from "../../schedules/occasion.ts";
import { LEFT_OVER_FILES } from "../../schedules/left-overs.ts";
import { scheduleView, type ScheduleView } from "../../schedules/view.ts";
import { countOf } from "../../wording.ts";
import { ScheduleParams } from "../api/schedules.ts";
import { allSchedules, oneSchedule } from "../facts/schedules.ts";
import { pageRoute } from "../route.ts";
import { button } from "./button.ts";
import { listTable, type ListRow } from "./list-table.ts";
import { occasionState, scheduleState } from "./state.ts";

const SHOWN = 50;

export const schedulesPage = pageRoute({
  path: "/schedules",
  right: "viewer",
  render: async ({ desk }) => {
    const schedules = await allSchedules(desk);
    return {
      title: "Schedules",
      live: true,
      main: html`<h1>Schedules</h1>
        ${
          schedules.length === 0
            ? html`<p class="muted">
                There are none. <code>bulkpatch schedule add NAME SOURCE --cron "0 3 * * *"</code> keeps the registry
                equal to a list.
              </p>`
            : listTable(
                ["Schedule", "State", "Next", "Last", "Last success"].map((head) => ({ head })),
                schedules.map(({ schedule, last, lastSuccessAt }) =>
                  scheduleRow(scheduleView(schedule, last, desk.now()), lastSuccessAt),
                ),
              )
        }`,
    };
  },
});

function scheduleRow(view: ScheduleView, lastSuccessAt: number | null): ListRow {
  return {
    id: `schedule-${encodeURIComponent(view.name)}`,
    cells: [
      html`<a href="/schedules/${encodeURIComponent(view.name)}">${view.name}</a>
        <span class="sub">${userText(view.source)}</span>`,
      scheduleState(view.state),
      html`${view.next_at === null ? "–" : time(Date.parse(view.next_at))}
        <span class="sub">${view.cron} (${view.time_zone})</span>`,
      view.last && occasionState(view.last.state),
      lastSuccessAt === null ? "none yet" : time(lastSuccessAt),
    ],
  };
}

export const schedulePage = pageRoute({
  path: "/schedules/:schedule",
  right: "viewer",
  params: ScheduleParams,
  render: async ({ desk, params, visitor }) => {
    const { schedule, last, lastPlanned } = await oneSchedule(desk, params.schedule);
    const view = scheduleView(schedule, last, desk.now());
    const occasions = (await desk.backend.schedules.occasions(schedule.name, SHOWN)).map(decodeOccasion);
    const mayAct = visitor?.role === "operator";
    const to = (verb: string): string => `/schedules/${encodeURIComponent(schedule.name)}/${verb}`;
    return {
      title: schedule.name,
      live: true,
      main: html`<p class="sub"><a href="/schedules">Schedules</a> › ${schedule.name}</p>
        <h1>${schedule.name}</h1>
        <p>
          ${scheduleState(view.state)} ${view.dry_run ? "plans only" : null} ${userText(view.source)},
          <code>${view.cron}</code>
          (${view.time_zone})${view.next_at === null ? null : html`, next ${time(Date.parse(view.next_at))}`}
        </p>
        ${heldPart(view, mayAct, to)}
        ${
          view.paused &&
          html`<p class="notice">
            Paused by ${userText(view.paused.by)} at ${time(Date.parse(view.paused.at))}:
            ${userText(view.paused.reason)}
          </p>`
        }
        ${
          mayAct
            ? html`<div class="actions">
                ${view.paused ? button({ to: to("resume"), label: "Resume", tone: "main" }) : button({ to: to("pause"), label: "Pause" })}
                ${button({ to: to("run-now"), label: "Run now", ask: "Carry this schedule out now, with all its limits?" })}
              </div>`
            : null
        }
        ${leftOversPart(schedule.name, lastPlanned)}
        <section>
          <h2>Occasions</h2>
          ${occasions.length === 0 ? html`<p class="muted">Nothing was due yet.</p>` : occasionsTable(occasions)}
        </section>`,
    };
  },
});

function heldPart({ held, approved }: ScheduleView, mayAct: boolean, to: (verb: string) => string): Html | null {
  if (held === null) return null;
  const more = held.rows.length - held.shown.length;
  return html`<section class="notice">
    <h2>Held since ${time(Date.parse(held.since))}</h2>
    <p>${userText(held.message)}</p>
    <ul>
      ${held.shown.map((text) => html`<li>${userText(text)}</li>`)}
    </ul>
    ${more > 0 ? html`<p>and ${countOf(more, "row")} more: ${held.rows.slice(held.shown.length, held.shown.length + 40).join(", ")}</p>` : null}
    ${
      held.digest === null
        ? html`<p>Nothing can be approved: put the list right, and the next occasion goes on by itself.</p>`
        : html`<p class="sub">Digest of the plan: <code>${held.digest}</code></p>
            ${
              approved !== null
                ? html`<p>
                    Approved by ${userText(approved.by)}, ${time(Date.parse(approved.at))}: whoever keeps the schedules
                    carries it out within a quarter of a minute.
                  </p>`
                : mayAct
                  ? html`<div class="actions">
                      ${button({ to: to("approve"), label: "Approve exactly this plan", fields: { digest: held.digest }, ask: "Let exactly this plan through, once?", tone: "main" })}
                      ${button({ to: to("reject"), label: "Reject it", fields: { digest: held.digest }, tone: "danger" })}
                    </div>`
                  : html`<p>An operator can approve or reject it.</p>`
            }`
    }
  </section>`;
}

/** What only the list, and only the registry, has, as the newest plan found it. */
function leftOversPart(name: string, planned: Occasion | null): Html | null {
  const { counts, leftOversDir } = planned ?? {};
  if (!counts || counts.notInRegistry + counts.notInList === 0) return null;
  return html`<section>
    <h2>In one and not in the other</h2>
    <dl>
      <dt>In the list, not in the registry</dt>
      <dd>${countOf(counts.notInRegistry, "row")} ${download(name, LEFT_OVER_FILES.notInRegistry, leftOversDir)}</dd>
      <dt>In the registry, not in the list</dt>
      <dd>
        ${countOf(counts.notInList, "entry", "entries")} ${download(name, LEFT_OVER_FILES.notInList, leftOversDir)}
      </dd>
    </dl>
    ${leftOversDir ? html`<p class="sub">Written into ${userText(leftOversDir)}</p>` : null}
  </section>`;
}

function download(name: string, file: string, folder: string | null | undefined): Html | null {
  return folder ? html`<a href="/api/v1/schedules/${encodeURIComponent(name)}/left-overs/${file}">${file}</a>` : null;
}

function occasionsTable(occasions: readonly Occasion[]): Html {
  return listTable(
    [{ head: "Due" }, { head: "What came of it" }, { head: "Changes", number: true }, { head: "Run" }],
    occasions.map(({ dueAt, state, reason, message, changes, run, approvedBy, askedBy }) => ({
      id: `due-${dueAt}`,
      cells: [
        html`${time(dueAt)}
        ${askedBy === null ? null : html`<span class="sub">asked for by ${userText(askedBy)}</span>`}`,
        html`${occasionState(state)}
        ${reason === null ? null : html`<span class="muted">${reason.replaceAll("_", " ")}</span>`}
        ${message === null ? null : html`<span class="sub">${userText(message)}</span>`}
        ${approvedBy === null ? null : html`<span class="sub">approved by ${userText(approvedBy.by)}</span>`}`,
        changes,
        run && html`<a href="/runs/${run}">${run}</a>`,
      ],
    })),
  );
}
