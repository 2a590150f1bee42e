import { expect, it } from "vitest";
import { openBackend } from "../../src/backends/open.ts";
import { DEFAULT_RUN_OPTIONS } from "../../src/runs/run.ts";
import { startRun } from "../../src/runs/start-run.ts";
import type { RunView } from "../../src/runs/view.ts";
import { redisForTest } from "../datastores.ts";
import { commentRows } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { historyOf } from "./history.ts";
import { patchesOf, setUpWorld } from "./world.ts";

const SECOND = 1_000;
const ROWS = 100_000;

it("100,000 rows that wait slow down neither pause nor resume nor cancel", { timeout: 120_000 }, async ({ skip }) => {
  const url = await redisForTest();
  if (url === null) return skip("there is no Redis here");
  const { api, desk, entries, status, close } = await setUpWorld({
    rows: ROWS,
    settings: { BULKPATCH_BACKEND_URL: url, BULKPATCH_RATE: "100/s" },
  });
  try {
    const backend = await openBackend({ url, dataDir: "" });
    const { id } = await startRun(
      commentRows(entries),
      {
        source: { name: "many.csv", path: null, header: ["id", "comments"], read: {} },
        options: DEFAULT_RUN_OPTIONS,
        accountId: api.accountId,
        retryOf: null,
        reportDir: () => null,
      },
      { backend, by: "a test" },
    );
    await backend.close();
    const worker = desk.start(["worker"]);
    await until("the first rows are sent", () => patchesOf(api).length > 50);

    expect((await desk.run(["pause", id, "--json"])).json<RunView>().state).toBe("paused");
    const sent = patchesOf(api);
    const resume = await desk.run(["resume", id, "--detach", "--json"]);
    expect(resume.json<RunView>().state).toBe("running");
    await until("it goes on", () => patchesOf(api).length > sent.length + 50);
    await desk.run(["cancel", id]);
    const cancelled = await until("it is cancelled", async () => {
      const run = await status(id);
      return run.state === "cancelled" && run;
    });

    const all = patchesOf(api);
    expect(cancelled.outcomes.updated).toBe(all.length);
    expect(cancelled.outcomes.cancelled).toBe(ROWS - all.length);
    const history = new Map((await historyOf(desk, id)).map(({ what, at }) => [what, at]));
    expect(sent.at(-1)!.at - history.get("pausing")!).toBeLessThan(SECOND);
    expect(all[sent.length]!.at - history.get("resumed")!).toBeLessThan(2 * SECOND);
    expect(all.at(-1)!.at - history.get("cancelling")!).toBeLessThan(SECOND);
    worker.child.kill("SIGTERM");
    await worker.ended;
  } finally {
    await close();
  }
});
