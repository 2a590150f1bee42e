import type { Backend } from "../backends/backend.ts";
import type { Config } from "../config.ts";
import { presentWorkers } from "../runs/attendance.ts";
import { localTime } from "../schedules/cron-times.ts";
import { LEFT_OVER_FILES } from "../schedules/left-overs.ts";
import type { AcceptedView, OccasionView, ScheduleView } from "../schedules/view.ts";
import { countOf } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Row numbers that are named. */
const ROWS_SHOWN = 20;

/** One line of `schedule list`. */
export function scheduleLine(view: ScheduleView): string {
  const next = view.next_at === null ? "no next time" : `next ${at(view.next_at, view.time_zone)}`;
  const last = view.last === null ? "not yet run" : `last ${view.last.state.replace("_", " ")}`;
  const dry = view.dry_run ? " (dry run)" : "";
  return `${view.name.padEnd(20)} ${view.state.padEnd(7)} ${view.cron.padEnd(14)} ${next}; ${last}${dry}`;
}

/** All there is to say of one schedule. */
export function showSchedule(view: ScheduleView, accepted: readonly AcceptedView[], { print, style }: Terminal): void {
  print(style("bold", `${view.name}: ${view.state}${view.dry_run ? ", dry run" : ""}`));
  print(`  list         ${view.source}${view.host === null ? "" : ` on ${view.host}`}`);
  print(
    `  when         ${view.cron} (${view.time_zone})${view.not_during.map((one) => `; not during ${one}`).join("")}`,
  );
  if (view.next_at !== null) print(`  next         ${at(view.next_at, view.time_zone)}`);
  print(`  limits       ${limitsLine(view)}`);
  print(`  drift        ${view.on_drift}`);
  if (view.notify.length > 0) print(`  told         ${view.notify.join(", ")}`);
  if (view.paused) {
    print(`  paused       by ${view.paused.by} at ${view.paused.at}: ${view.paused.reason}`);
    print(`               go on with: bulkpatch schedule resume ${view.name}`);
  }
  if (view.approved) print(`  approved     by ${view.approved.by} at ${view.approved.at}, not yet carried out`);
  for (const one of accepted) {
    print(`  accepted     ${one.email} until ${one.until.slice(0, 10)}, by ${one.by}: ${one.reason}`);
  }
  if (view.held) showHeld(view.name, view.held, { print, style });
}

function showHeld(
  name: string,
  held: NonNullable<ScheduleView["held"]>,
  { print, style }: Pick<Terminal, "print" | "style">,
): void {
  print(style("yellow", `Held since ${held.since.slice(0, 16)}Z (${held.reason}): ${held.message}`));
  for (const text of held.shown) print(`  ${text}`);
  const rest = held.rows.length - held.shown.length;
  if (rest > 0) {
    const more = held.rows.slice(held.shown.length, held.shown.length + ROWS_SHOWN);
    print(`  and ${countOf(rest, "row")} more: ${more.join(", ")}${rest > more.length ? ", …" : ""}`);
  }
  if (held.digest === null) {
    print("Nothing can be approved: put the list right, and the next occasion goes on by itself.");
    return;
  }
  print(`Let exactly this through, once:  bulkpatch schedule approve ${name} --digest ${held.digest.slice(0, 12)}`);
  print(`Drop it:                         bulkpatch schedule reject ${name} --digest ${held.digest.slice(0, 12)}`);
}

/** One line of `schedule occasions`. */
export function occasionLine(view: OccasionView, timeZone: string): string {
  const who = view.approved_by ? `, approved by ${view.approved_by.by}` : "";
  const run = view.run === null ? "" : `, run ${view.run}`;
  const reason = view.reason === null ? "" : ` (${view.reason})`;
  return `${at(view.due_at, timeZone).padEnd(24)} ${`${view.state.replace("_", " ")}${reason}`.padEnd(26)} ${view.message ?? ""}${run}${who}`.trimEnd();
}

/** What the list and the registry have for themselves, of one occasion. */
export function showLeftOvers(view: OccasionView, { print, style }: Terminal): void {
  const { counts } = view;
  if (!counts) return;
  if (counts.not_in_registry > 0) {
    print(style("bold", `In the list, not in the registry: ${countOf(counts.not_in_registry, "row")}`));
    for (const { row, text } of view.not_in_registry.slice(0, ROWS_SHOWN)) print(`  row ${row}: ${text}`);
  }
  if (counts.not_in_list > 0) {
    print(style("bold", `In the registry, not in the list: ${countOf(counts.not_in_list, "entry", "entries")}`));
    for (const { email, name } of view.not_in_list.slice(0, ROWS_SHOWN)) print(`  ${email} (${name})`);
  }
  if (view.left_overs_dir !== null && counts.not_in_registry + counts.not_in_list > 0) {
    print(`  All of them: ${view.left_overs_dir}, ${LEFT_OVER_FILES.notInRegistry} and ${LEFT_OVER_FILES.notInList}`);
  }
}

/** Says so where no process keeps the schedules. */
export async function tellWhoKeeps(backend: Backend, config: Config, terminal: Terminal): Promise<void> {
  if (config.api !== null && (await presentWorkers(backend.presence, config.api.accountId)).length > 0) return;
  terminal.note(
    backend.kind === "embedded"
      ? "Nobody keeps the schedules: leave `bulkpatch serve` running, or let cron (or a systemd timer) run `bulkpatch schedule run-due` every few minutes."
      : "Nobody keeps the schedules: start `bulkpatch worker` or `bulkpatch serve`, or let cron run `bulkpatch schedule run-due` every few minutes.",
  );
}

function limitsLine(view: ScheduleView): string {
  const { entries, percent } = view.max_changes;
  const changes = [
    entries === null ? null : countOf(entries, "entry", "entries"),
    percent === null ? null : `${percent}%`,
  ];
  const stale = view.stale_after_ms === null ? "" : `; list unchanged for ${view.stale_after_ms / 3_600_000} h`;
  return `${changes.filter((one) => one !== null).join(" and ")} at a time, ${view.max_changes_week_percent}% in seven days; list smaller by ${view.max_shrink_percent}%${stale}`;
}

function at(iso: string, timeZone: string): string {
  return localTime(Date.parse(iso), timeZone);
}
