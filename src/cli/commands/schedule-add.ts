import { join } from "node:path";
import { openSource } from "../../changes/open-source.ts";
import { SourceError } from "../../changes/source.ts";
import { type Config, readSecretVariable } from "../../config.ts";
import { RequestError } from "../../explained-error.ts";
import { addSchedule, assertSettings } from "../../schedules/add-schedule.ts";
import { cronTimes, localTime } from "../../schedules/cron-times.ts";
import type { ScheduleSettings } from "../../schedules/schedule.ts";
import { takeSource } from "../../schedules/take-source.ts";
import { scheduleView } from "../../schedules/view.ts";
import { variableOf } from "../../schedules/notify/notify-address.ts";
import { checkAddresses } from "../check-addresses.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import { tellWhoKeeps } from "../show-schedule.ts";
import type { scheduleAddUsage } from "../usage/schedule-add.ts";
import type { Work } from "../usage.ts";

const NEXT_SHOWN = 5;

export const doScheduleAdd: Work<typeof scheduleAddUsage> = async (
  { name, replace, lookNow, ...wanted },
  { config, terminal },
) => {
  const settings = { accountId: config.api!.accountId, ...wanted.settings };
  assertSettings(name, settings);
  if (settings.notify) checkAddresses(settings.notify, terminal);
  if (lookNow) await assertReadable(name, settings, config);
  await withSession(config, terminal, async ({ backend, by }) => {
    const now = Date.now();
    const schedule = await addSchedule(backend.schedules, { name, settings, replace, by, now });
    const { cron, timeZone } = settings;
    terminal.print(
      `Schedule ${name} ${replace ? "is now" : "was added"}: ${settings.dryRun ? "a dry run of " : ""}${cron} in ${timeZone}. Next:`,
    );
    for (const time of cronTimes(cron, timeZone).next(now, NEXT_SHOWN)) {
      terminal.print(`  ${localTime(time, timeZone)} (${new Date(time).toISOString().slice(0, 16)}Z)`);
    }
    if (settings.notify && [...settings.notify.addresses, settings.notify.heartbeat].some(isKeptAsItIs)) {
      terminal.note(
        "Addresses for notifications are kept in the backend as they are, and most hold a secret: with --notify env:NAME only the name of an environment variable is.",
      );
    }
    await tellWhoKeeps(backend, config, terminal);
    terminal.printJson(scheduleView(schedule, null, now));
  });
  return EXIT.done;
};

function isKeptAsItIs(address: string | null): boolean {
  return address !== null && variableOf(address) === null;
}

/** A list that can't be read now may be there when it is due: then `--yes` says so. */
async function assertReadable(name: string, { source }: ScheduleSettings, { dataDir, proxy }: Config): Promise<void> {
  try {
    const taken = await takeSource({
      schedule: name,
      source,
      copies: join(dataDir, "sources"),
      environment: readSecretVariable,
      proxy,
    });
    const opened = await openSource(taken.path, source.read);
    await opened.close();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new RequestError(
      error.code,
      error.message,
      `${error.remedy} Or add --yes if it will be right when it is due.`,
    );
  }
}
