import { cancelAction, pauseAction, resumeAction, retryAction, undoAction } from "./api/act-on-run.ts";
import { discardPlan, getPlan, listPlanRows, makePlan, startPlan, uploadForm } from "./api/plans.ts";
import { getBudget } from "./api/get-budget.ts";
import { getRow } from "./api/get-row.ts";
import { getRun } from "./api/get-run.ts";
import { listCauses } from "./api/list-causes.ts";
import { listRows } from "./api/list-rows.ts";
import { listRuns } from "./api/list-runs.ts";
import { listWorkers } from "./api/list-workers.ts";
import { leftOversFile } from "./api/left-overs.ts";
import { reportFile } from "./api/report-file.ts";
import {
  approveAction,
  getSchedule,
  listOccasions,
  listSchedules,
  pauseScheduleAction,
  rejectAction,
  resumeScheduleAction,
  runScheduleAction,
} from "./api/schedules.ts";
import { getStatus } from "./api/status.ts";
import { healthRoutes } from "./health.ts";
import { eventsRoute } from "./live/events.ts";
import { metricsRoute } from "./metrics/metrics-route.ts";
import { queuesRoutes } from "./queues.ts";
import { openapiRoute } from "./openapi.ts";
import { loginPage, loginSubmit, logoutSubmit } from "./pages/login.ts";
import { budgetPage } from "./pages/budget.ts";
import { newPage, planPage } from "./pages/new.ts";
import { overviewPage } from "./pages/overview.ts";
import { rowPage } from "./pages/row.ts";
import { rowsPage } from "./pages/rows.ts";
import { runPage } from "./pages/run.ts";
import { schedulePage, schedulesPage } from "./pages/schedules.ts";
import { workersPage } from "./pages/workers.ts";
import { runsPage } from "./pages/runs.ts";
import type { Route } from "./route.ts";
import { assetsRoute } from "./serve-assets.ts";

/** Everything that the server answers. */
export const ROUTES: readonly Route[] = [
  assetsRoute,
  healthRoutes,
  metricsRoute,
  queuesRoutes,
  // pages
  loginPage,
  loginSubmit,
  logoutSubmit,
  overviewPage,
  runsPage,
  runPage,
  rowsPage,
  rowPage,
  schedulesPage,
  schedulePage,
  workersPage,
  budgetPage,
  newPage,
  planPage,
  // the HTTP API
  getStatus,
  listRuns,
  getRun,
  listCauses,
  listRows,
  getRow,
  reportFile,
  leftOversFile,
  pauseAction,
  resumeAction,
  cancelAction,
  retryAction,
  undoAction,
  makePlan,
  uploadForm,
  getPlan,
  listPlanRows,
  startPlan,
  discardPlan,
  listSchedules,
  getSchedule,
  listOccasions,
  pauseScheduleAction,
  resumeScheduleAction,
  runScheduleAction,
  approveAction,
  rejectAction,
  listWorkers,
  getBudget,
  eventsRoute,
  openapiRoute,
];
