import { overviewOf } from "../facts/overview.ts";
import { apiRoute } from "../route.ts";
import { StatusView, viewStatus } from "../views.ts";

export const getStatus = apiRoute({
  method: "GET",
  path: "/api/v1/status",
  right: "viewer",
  summary: "What needs somebody, what runs, and the budget",
  answer: StatusView,
  handle: async ({ desk }) => viewStatus(await overviewOf(desk), desk.now()),
});
