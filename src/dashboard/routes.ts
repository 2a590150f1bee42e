import { listRuns } from "./api/list-runs.ts";
import { assetsRoute } from "./serve-assets.ts";
import { loginPage, loginSubmit, logoutSubmit } from "./pages/login.ts";
import { runsPage } from "./pages/runs.ts";
import type { Route } from "./route.ts";

/** Everything that the server answers. */
export const ROUTES: readonly Route[] = [assetsRoute, loginPage, loginSubmit, logoutSubmit, runsPage, listRuns];
