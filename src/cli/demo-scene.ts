import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { DemoApi } from "../demo/demo-api.ts";
import type { DemoEntry } from "../demo/demo-entry.ts";
import { sampleSpreadsheet } from "../demo/sample-spreadsheet.ts";
import { NO_LINT_OPTIONS } from "../plan/lint/lint.ts";
import { planSource } from "../plan/plan-source.ts";
import type { Registry } from "../registry/open-registry.ts";
import { cancelRun, pauseRun } from "../runs/control.ts";
import { DEFAULT_RUN_OPTIONS, type Run, type RunOptions } from "../runs/run.ts";
import { startRun } from "../runs/start-run.ts";
import { addSchedule } from "../schedules/add-schedule.ts";
import { askForRun } from "../schedules/control-schedule.ts";
import { DEFAULT_LIMITS } from "../schedules/schedule.ts";
import type { Session } from "./session.ts";

/** Entries of the sample registry that each part of the scene is about: no two parts share one. */
const PARTS = {
  messy: [0, 900],
  paused: [900, 1_000],
  halted: [1_000, 1_100],
  schedule: [1_100, 1_300],
  cancelled: [1_300, 1_400],
} as const;

/**
 * What a newcomer finds on the dashboard of the demo: a run at work whose spreadsheet has every fault, one that is paused, one that
 * was cancelled, one that its safety limit halted, and a schedule that is held because its list changes too much.
 */
export async function setScene(session: Session, registry: Registry, api: DemoApi, folder: string): Promise<void> {
  const { backend, by } = session;
  const entries = api.entries();
  const part = ([from, to]: readonly [number, number]): DemoEntry[] => entries.slice(from, to);

  const start = async (name: string, text: string, options: Partial<RunOptions> = {}): Promise<Run> => {
    const path = join(folder, name);
    await writeFile(path, text);
    const { plan, source } = await planSource({ path, read: {}, registry, noPlan: false, checkAgain: false });
    try {
      return await startRun(
        plan,
        {
          source,
          options: { ...DEFAULT_RUN_OPTIONS, ...options },
          accountId: api.accountId,
          retryOf: null,
          reportDir: () => null,
        },
        { backend, by, rate: registry.rate },
      );
    } finally {
      await plan.close();
    }
  };

  const messy = part(PARTS.messy);
  for (const { id } of messy.filter(({ provenance }) => provenance === "A1S_INTERNAL").slice(0, 12)) {
    const answer = { status: 400, code: 10203, message: "name must not contain the word test" };
    api.script({ method: "PATCH", entryId: id, answer });
  }
  const { id: paused } = await start("sales.csv", sheetOf(part(PARTS.paused), "moved to Lisbon"));
  await pauseRun({ backend, by }, paused);
  const { id: cancelled } = await start("old-list.csv", sheetOf(part(PARTS.cancelled), "on leave"));
  await cancelRun({ backend, by }, cancelled);
  await start("everybody.csv", sheetOf(part(PARTS.halted), "left"), { maxChanges: 20 });
  await start("changes.csv", sampleSpreadsheet(messy, { rows: 850, seed: 7, delimiter: ";" }).text);

  const list = join(folder, "hr.csv");
  await writeFile(list, sheetOf(part(PARTS.schedule), "new cost centre"));
  await addSchedule(backend.schedules, {
    name: "hr-nightly",
    settings: {
      accountId: api.accountId,
      source: { address: list, host: hostname(), read: {}, tokenFrom: null },
      cron: "0 3 * * *",
      timeZone: "UTC",
      notDuring: [],
      dryRun: false,
      onDrift: "fix",
      limits: { ...DEFAULT_LIMITS, changes: 50 },
      lint: NO_LINT_OPTIONS,
      notify: null,
      reportDir: join(folder, "reports"),
    },
    replace: false,
    by,
    now: Date.now(),
  });
  await askForRun(backend.schedules, "hr-nightly", { by, now: Date.now() });
}

function sheetOf(entries: readonly DemoEntry[], comment: string): string {
  const own = entries.filter(({ provenance }) => provenance === "A1S_INTERNAL");
  return `id,comments\n${own.map(({ id }) => `${id},${comment}\n`).join("")}`;
}
