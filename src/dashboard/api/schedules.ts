import { z } from "zod";
import {
  approveSchedule,
  askForRun,
  pauseSchedule,
  rejectSchedule,
  resumeSchedule,
} from "../../schedules/control-schedule.ts";
import { decodeOccasion } from "../../schedules/occasion.ts";
import { acceptedViews, occasionView } from "../../schedules/view.ts";
import type { Desk } from "../desk.ts";
import { allSchedules, oneSchedule } from "../facts/schedules.ts";
import { Next, Paging } from "../paging.ts";
import { actionRoute, apiRoute } from "../route.ts";
import { OccasionView, ScheduleDetailView, ScheduleView, viewSchedule } from "../schedule-views.ts";

/** Occasions that `show` has. */
const SHOWN = 10;

export const ScheduleParams = z.object({ schedule: z.string().min(1).max(100) });

export const listSchedules = apiRoute({
  method: "GET",
  path: "/api/v1/schedules",
  right: "viewer",
  summary: "Schedules, by name",
  answer: z.object({ schedules: z.array(ScheduleView) }),
  handle: async ({ desk }) => ({
    schedules: (await allSchedules(desk)).map((fact) => viewSchedule(fact, desk.now())),
  }),
});

export const getSchedule = apiRoute({
  method: "GET",
  path: "/api/v1/schedules/:schedule",
  right: "viewer",
  summary: "One schedule: why it is held, what was accepted, its newest occasions",
  params: ScheduleParams,
  answer: ScheduleDetailView,
  handle: async ({ desk, params }) => {
    const fact = await oneSchedule(desk, params.schedule);
    const occasions = await desk.backend.schedules.occasions(fact.schedule.name, SHOWN);
    return {
      ...viewSchedule(fact, desk.now()),
      occasions: occasions.map((kept) => occasionView(decodeOccasion(kept))),
      accepted: acceptedViews(fact.schedule, desk.now()),
    };
  },
});

export const listOccasions = apiRoute({
  method: "GET",
  path: "/api/v1/schedules/:schedule/occasions",
  right: "viewer",
  summary: "Each due time of a schedule and what came of it, newest first",
  params: ScheduleParams,
  query: Paging.extend({ after: z.iso.datetime().optional().describe("`next` of the page before") }),
  answer: z.object({ occasions: z.array(OccasionView), next: Next }),
  handle: async ({ desk, params, query }) => {
    const { schedule } = await oneSchedule(desk, params.schedule);
    const before = query.after === undefined ? undefined : Date.parse(query.after);
    const found = await desk.backend.schedules.occasions(schedule.name, query.limit + 1, before);
    const occasions = found.slice(0, query.limit).map((kept) => occasionView(decodeOccasion(kept)));
    return { occasions, next: found.length > query.limit ? occasions.at(-1)!.due_at : null };
  },
});

const aboutSchedule = {
  right: "operator",
  params: ScheduleParams,
  answer: ScheduleView,
  view: (seen: z.output<typeof ScheduleView>) => seen,
  next: ({ name }: z.output<typeof ScheduleView>) => `/schedules/${encodeURIComponent(name)}`,
} as const;

const Digest = z.object({ digest: z.string().max(100).default("").describe("of the plan that is held") });

export const pauseScheduleAction = actionRoute({
  ...aboutSchedule,
  path: "/schedules/:schedule/pause",
  summary: "Carry out nothing of a schedule until it is resumed",
  act: async ({ desk, params: { schedule }, asker: { by } }) => {
    await pauseSchedule(desk.backend.schedules, schedule, { by, now: desk.now() });
    return await seen(desk, schedule);
  },
});

export const resumeScheduleAction = actionRoute({
  ...aboutSchedule,
  path: "/schedules/:schedule/resume",
  summary: "Let a schedule go on from now",
  act: async ({ desk, params: { schedule }, asker: { by } }) => {
    await resumeSchedule(desk.backend.schedules, schedule, { by, now: desk.now() });
    return await seen(desk, schedule);
  },
});

export const runScheduleAction = actionRoute({
  ...aboutSchedule,
  path: "/schedules/:schedule/run-now",
  summary: "Carry out a schedule now, besides its due times",
  status: 202,
  act: async ({ desk, params: { schedule }, asker: { by } }) => {
    await askForRun(desk.backend.schedules, schedule, { by, now: desk.now() });
    return await seen(desk, schedule);
  },
});

export const approveAction = actionRoute({
  ...aboutSchedule,
  path: "/schedules/:schedule/approve",
  summary: "Let exactly the plan that is held through, once",
  body: Digest,
  act: async ({ desk, params: { schedule }, body, asker: { by } }) => {
    await approveSchedule(desk.backend.schedules, schedule, body.digest, { by, now: desk.now() });
    return await seen(desk, schedule);
  },
});

export const rejectAction = actionRoute({
  ...aboutSchedule,
  path: "/schedules/:schedule/reject",
  summary: "Drop the plan that is held",
  body: Digest,
  act: async ({ desk, params: { schedule }, body, asker: { by } }) => {
    await rejectSchedule(desk.backend.schedules, schedule, body.digest, { by, now: desk.now() });
    return await seen(desk, schedule);
  },
});

async function seen(desk: Desk, name: string): Promise<z.output<typeof ScheduleView>> {
  return viewSchedule(await oneSchedule(desk, name), desk.now());
}
