import { afterEach, beforeEach, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { encodeOccasion, newOccasion, type Occasion } from "../../src/schedules/occasion.ts";
import { occasionOfRun, occasionsOfPeriod, schedulesAsEvidence } from "../../src/schedules/schedule-evidence.ts";
import { encodeSchedule } from "../../src/schedules/schedule.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { sampleSchedule } from "./sample-schedule.ts";

let home: Backend;
beforeEach(async (context) => {
  home = await openForTest("redis", context);
});
afterEach(() => home.close());

const HOUR = 3_600_000;
const at = (hour: number): number => Date.UTC(2026, 9, 1) + hour * HOUR;

async function keep(name: string, occasions: (Pick<Occasion, "dueAt" | "state"> & Partial<Occasion>)[]): Promise<void> {
  await home.schedules.create(name, "{}");
  const add = occasions.map((one) => encodeOccasion(newOccasion({ schedule: name, at: one.dueAt, ...one })));
  for (let version = 1, from = 0; from < add.length; from += 100, version += 1) {
    await home.schedules.step({ name, version, document: "{}", accountId: "a", add: add.slice(from, from + 100) });
  }
}

it("every occasion of a period is told, however many there are, and none beside it", async () => {
  await keep(
    "hourly",
    Array.from({ length: 1_300 }, (_, i) => ({ dueAt: at(i), state: "in_sync" as const })),
  );
  await keep("nightly", [
    { dueAt: at(-1), state: "done" },
    { dueAt: at(0), state: "held", reason: "max_changes" },
    { dueAt: at(24), state: "done", run: "brave-otter", approvedBy: { by: "ada@laptop", at: at(23) } },
  ]);
  const told = await Array.fromAsync(occasionsOfPeriod(home.schedules, at(0), at(1_200)));
  expect(told).toHaveLength(1_200 + 2);
  expect(told).toContainEqual(
    expect.objectContaining({
      schedule: "nightly",
      due_at: "2026-10-02T00:00:00.000Z",
      run: "brave-otter",
      approved_by: { by: "ada@laptop", at: "2026-10-01T23:00:00.000Z" },
    }),
  );
  expect(await occasionOfRun(home.schedules, "brave-otter", at(24))).toMatchObject({ schedule: "nightly" });
  expect(await occasionOfRun(home.schedules, "calm-fox", at(24))).toBeNull();
});

it("what was decided is told, and no address that may hold a key", async () => {
  const decided = { digest: "d1", at: at(3), by: "ada@laptop", reason: "approved" };
  const schedule = sampleSchedule({ approved: decided });
  await home.schedules.create("nightly", encodeSchedule(schedule));
  const [told] = await Array.fromAsync(schedulesAsEvidence(home.schedules));
  expect(told).toMatchObject({
    approved: { digest: "d1", by: "ada@laptop", at: "2026-10-01T03:00:00.000Z" },
    settings: { time_zone: "UTC", notify: { addresses: ["https://hooks.slack.com/…"] } },
  });
  expect(JSON.stringify(told)).not.toContain("geheim");
});
