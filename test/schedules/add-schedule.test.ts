import { expect, it } from "vitest";
import { explainByCode as explainOnCommandLine } from "../../src/cli/remedies.ts";
import { explainByCode as explainOnPage } from "../../src/dashboard/remedies.ts";
import { assertSettings } from "../../src/schedules/add-schedule.ts";
import type { ScheduleSettings } from "../../src/schedules/schedule.ts";
import { sampleSchedule } from "./sample-schedule.ts";

function errorOf(name: string, settings: Partial<ScheduleSettings>): unknown {
  try {
    assertSettings(name, { ...sampleSchedule().settings, ...settings });
  } catch (error) {
    return error;
  }
  return null;
}

it("takes settings that fit", () => {
  expect(errorOf("hr-nightly", {})).toBeNull();
});

it("says of a wrong setting what was expected, and each face how it is written there", () => {
  const error = errorOf("hr", { timeZone: "Mars/Olympus" });
  const said = { code: "bad_time_zone", message: 'expected the name of a time zone, found "Mars/Olympus"' };
  expect(explainOnCommandLine(error)).toEqual({ ...said, remedy: "write it like --tz Europe/Berlin or --tz UTC" });
  expect(explainOnPage(error)).toEqual({ ...said, remedy: "write it like Europe/Berlin or UTC" });
});

it("says all that is wrong at once", () => {
  const error = errorOf("HR", { cron: "@daily", notDuring: ["noon"], dryRun: true, onDrift: "hold" });
  expect(explainOnCommandLine(error)).toMatchInlineSnapshot(`
    {
      "code": "schedule_invalid",
      "message": "4 things are wrong with the schedule:
      expected a name of small letters, digits, - and _, found "HR"; name it like hr-nightly or finance
      the cron pattern: expected five fields (minute, hour, day of the month, month, day of the week), found "@daily": it has not five fields; write it like --cron "0 3 * * *" (every night at three)
      the time to keep away from: expected days, times or both, found "noon"; write it like --not-during "mon-fri 08:00-18:00", "sat,sun", "day 28-31" or "2026-12-20..2027-01-06"
      a dry run never sends, so there is nothing to hold on drift; leave one of the two out",
      "remedy": "correct them all and try again",
    }
  `);
});
