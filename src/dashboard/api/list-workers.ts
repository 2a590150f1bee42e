import { z } from "zod";
import { presentWorkers } from "../../runs/attendance.ts";
import { apiRoute } from "../route.ts";
import { viewWorker, WorkerView } from "../views.ts";

export const listWorkers = apiRoute({
  method: "GET",
  path: "/api/v1/workers",
  right: "viewer",
  summary: "Worker processes that are alive",
  answer: z.object({ workers: z.array(WorkerView) }),
  handle: async ({ desk }) => ({
    workers: (await presentWorkers(desk.backend.presence, desk.registry.api.accountId)).map(viewWorker),
  }),
});
