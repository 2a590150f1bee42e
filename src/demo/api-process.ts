import { parseArgs } from "node:util";
import { startDemoApi } from "./api.ts";
import { sampleRegistry } from "./sample-registry.ts";
import type { DemoApiSettings } from "./settings.ts";

/*
 * The stand-in as its own process: `node src/demo/api-process.ts --port 0 --entries 2000 --settings '{"limit": …}'`.
 * Prints one line of JSON once it listens, `{"baseUrl", "control", "accountId", "token", "pid"}`; `control` is the address
 * of control.ts. Ends at SIGTERM or SIGINT, or when the process that forked it is gone.
 */

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    entries: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    "synced-share": { type: "string", default: "0.2" },
    settings: { type: "string", default: "{}" },
  },
});

const seed = Number(values.seed);
const api = await startDemoApi({
  ...(JSON.parse(values.settings) as Partial<DemoApiSettings>),
  port: Number(values.port),
  seed,
  control: true,
  entries: sampleRegistry({ size: Number(values.entries), seed, syncedShare: Number(values["synced-share"]) }),
});

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  void api.close();
  if (process.connected) process.disconnect();
}
process.on("SIGTERM", end).on("SIGINT", end);
if (process.connected) process.on("disconnect", end);

process.stdout.write(
  `${JSON.stringify({
    baseUrl: api.baseUrl,
    control: new URL("/__demo", api.baseUrl).href,
    accountId: api.accountId,
    token: api.token,
    pid: process.pid,
  })}\n`,
);
