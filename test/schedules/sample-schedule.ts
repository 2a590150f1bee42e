import { DEFAULT_NOTIFY_ON } from "../../src/schedules/notify/notify-on.ts";
import { DEFAULT_LIMITS, type Schedule } from "../../src/schedules/schedule.ts";

/** A schedule whose addresses all hold a key. */
export function sampleSchedule(overrides: Partial<Schedule> = {}): Schedule {
  return {
    name: "nightly",
    settings: {
      accountId: "a",
      source: { address: "https://hr.example/list.csv?key=geheim", host: null, read: {}, tokenFrom: "HR_TOKEN" },
      cron: "0 3 * * *",
      timeZone: "UTC",
      notDuring: [],
      dryRun: false,
      onDrift: "fix",
      limits: DEFAULT_LIMITS,
      lint: { strict: false, allowDomains: [] },
      notify: {
        addresses: ["https://hooks.slack.com/services/geheim"],
        heartbeat: "https://hc.example/geheim",
        allowPrivateAddress: false,
        on: DEFAULT_NOTIFY_ON,
      },
      reportDir: "/reports",
    },
    createdAt: 0,
    createdBy: "ada@laptop",
    lookedTo: 0,
    pending: [],
    asked: null,
    paused: null,
    held: null,
    approved: null,
    rejected: null,
    acceptedSources: [],
    sourceSeen: null,
    sent: [],
    acceptedDifferences: [],
    failures: 0,
    ...overrides,
  };
}
