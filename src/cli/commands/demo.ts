import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDemoApi } from "../../demo/api.ts";
import { sampleRegistry } from "../../demo/sample-registry.ts";
import { sampleSpreadsheet } from "../../demo/sample-spreadsheet.ts";
import { DEFAULT_RUN_OPTIONS } from "../../runs/run.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import { Secret } from "../../secret.ts";
import type { Config } from "../../config.ts";
import type { Registry } from "../../registry/open-registry.ts";
import { setScene } from "../demo-scene.ts";
import { serveUntilStopped } from "../serve-until-stopped.ts";
import type { Session } from "../session.ts";
import { carryOut } from "../carry-out.ts";
import { EXIT } from "../exit-codes.ts";
import { planSource } from "../../plan/plan-source.ts";
import { showPlanProgress } from "../plan-progress.ts";
import type { demoUsage } from "../usage/demo.ts";
import type { Work } from "../usage.ts";

/** Cloudflare's limit with a window a 60th as long: 20 s instead of 20 minutes for the same rows. */
const LIMIT = { requests: 200, windowMs: 5_000, window: "sliding", blockMs: 5_000, retryAfter: true } as const;
const RATE = { limit: 190, windowMs: 5_000 };

export const doDemo: Work<typeof demoUsage> = async ({ reportDir, serve }, call) => {
  const { config, terminal } = call;
  const folder = await makeTemporaryFolder("bulkpatch-demo-");
  const registry = sampleRegistry({ size: 1_500, seed: 7 });
  const { text } = sampleSpreadsheet(registry, {
    rows: 1_000,
    seed: 7,
    delimiter: ";",
    bom: true,
    newline: "\r\n",
    emptyLines: 0.01,
  });
  const file = join(folder, "changes.csv");
  await writeFile(file, text);
  const api = await startDemoApi({
    entries: registry,
    limit: LIMIT,
    latency: { minMs: 30, maxMs: 90 },
    faults: { share: 0.02, kinds: ["500", "502", "503", "reset", "html", "cut-off"] },
  });
  terminal.note(
    `A stand-in for the Cloudflare API answers on ${api.baseUrl} with ${registry.length} entries, ${LIMIT.requests} requests in ${LIMIT.windowMs / 1_000} s, and a fault in 50 answers.`,
  );
  const demoConfig: Config = {
    ...config,
    api: { token: new Secret(api.token), accountId: api.accountId, baseUrl: api.baseUrl },
    backendUrl: null,
    dataDir: join(folder, "data"),
    rate: RATE,
  };
  try {
    if (serve) {
      const prepare = async (session: Session, live: Registry): Promise<void> =>
        await setScene(session, live, api, folder);
      return await serveUntilStopped({ config: demoConfig, terminal, work: true, prepare });
    }
    await carryOut(
      { yes: true, work: true, reportDir: reportDir ?? "bulkpatch-reports/demo" },
      { ...call, config: demoConfig },
      async ({ registry: live, beginSession, signal }) => {
        const { plan, source } = await planSource({
          path: file,
          read: {},
          registry: live,
          onProgress: showPlanProgress(terminal),
          noPlan: false,
          checkAgain: false,
          signal,
          onSource: beginSession,
        });
        return { plan, wanted: { source, options: DEFAULT_RUN_OPTIONS, retryOf: null }, question: "" };
      },
    );
  } finally {
    await api.close();
    await rm(folder, { recursive: true, force: true });
  }
  const answered429 = api.requests().filter(({ status }) => status === 429).length;
  terminal.note(
    `The stand-in counted ${api.requests().length} requests, ${api.mostInWindow(LIMIT.windowMs)} at the most in any ${LIMIT.windowMs / 1_000} s, and answered ${answered429} of them with 429.`,
  );
  return EXIT.done;
};
