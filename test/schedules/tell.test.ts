import { expect, it } from "vitest";
import type { Keeper } from "../../src/schedules/keeper.ts";
import { newOccasion } from "../../src/schedules/occasion.ts";
import type { OccasionState } from "../../src/schedules/schedule-store.ts";
import { tell } from "../../src/schedules/tell.ts";
import { sampleSchedule } from "./sample-schedule.ts";

/** What is put on its way when a schedule has an occasion in this state, after one that was in sync. */
async function told(state: OccasionState): Promise<string[]> {
  const said: string[] = [];
  const keeper = {
    home: { schedules: { occasions: async () => [] } },
    notifier: {
      notify: async ({ kind }: { kind: string }) => void said.push(kind),
      heartbeat: async (step: string) => void said.push(`heartbeat ${step}`),
    },
    now: () => 0,
  } as unknown as Keeper;
  await tell(keeper, sampleSchedule(), newOccasion({ schedule: "nightly", dueAt: 0, state, at: 0 }));
  return said;
}

it("a heartbeat says when an occasion begins and how it ended; what nobody asked for is not told", async () => {
  expect(await told("running")).toEqual(["heartbeat start"]);
  expect(await told("done")).toEqual(["heartbeat success"]);
  expect(await told("in_sync")).toEqual(["heartbeat success"]);
  expect(await told("failed")).toEqual(["heartbeat fail", "failed"]);
  expect(await told("held")).toEqual(["heartbeat fail", "held"]);
  expect(await told("skipped")).toEqual([]);
});
