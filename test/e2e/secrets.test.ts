import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { REFUSALS } from "../../src/demo/settings.ts";
import { startReceiver } from "../schedules/notify/receiver.ts";
import { until } from "../until.ts";
import { BACKENDS, backendForTest } from "./backend-for-test.ts";
import { everythingIn, everythingInFolder } from "./everything-in.ts";
import type { Ended } from "./run-cli.ts";
import { patchesOf, setUpWorld, type World } from "./world.ts";

const TOKEN = "token-that-must-show-nowhere-4f9d1c";

let world: World;
afterEach(() => world.close());

it.for(BACKENDS)(
  "the API token is nowhere on %s, after faults, halts and a server that repeats it",
  async (kind, context) => {
    const settings = await backendForTest(kind, context);
    world = await setUpWorld({
      rows: 120,
      api: {
        token: TOKEN,
        faults: { share: 0.1, kinds: ["500", "reset", "html", "cut-off"] },
        latency: { minMs: 10, maxMs: 30 },
      },
      settings: { ...settings, BULKPATCH_LOG_LEVEL: "debug" },
    });
    const { api, desk, entries } = world;
    const repeats = { status: 422, code: 10_001, message: `Authorization: Bearer ${TOKEN} may not do this` };
    for (const { id } of entries.slice(0, 5)) api.script({ entryId: id, method: "PATCH", times: 9, answer: repeats });
    const ended: Ended[] = [];

    const worker = kind === "embedded" ? null : desk.start(["worker"]);
    const working = desk.start(["run", "changes.csv", "--yes", "--backoff", "50ms"]);
    const id = await world.runOf(working);
    await until("rows are sent", () => patchesOf(api).length > 40);
    api.set({ refuseAll: { ...REFUSALS.invalidToken, message: `Invalid API Token ${TOKEN}` } });
    ended.push(await working.ended);
    expect(ended[0]!.code).toBe(4);
    api.set({ refuseAll: null });
    ended.push(await desk.run(["resume", id]));
    for (const args of [
      ["status", id],
      ["report", id, "--out", "report"],
      ["report", id, "--format", "html"],
      ["status", id, "--json"],
      ["doctor"],
      ["plan", "changes.csv", "--json"],
    ])
      ended.push(await desk.call(args));
    ended.push(await desk.call(["doctor"], { env: { CLOUDFLARE_API_TOKEN: `${TOKEN} with spaces` } }));
    if (worker) {
      worker.child.kill("SIGTERM");
      ended.push(await worker.ended);
    }

    const said = ended.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(said).toContain("Bearer [token] may not do this");
    expect(said).toContain("Invalid API Token [token]");
    const kept = await everythingIn(kind, settings);
    expect(kept).toContain("Bearer [token] may not do this");
    expect(kept).toContain(entries[50]!.email);
    const reported = await everythingInFolder(desk.folder);
    expect(reported).toContain("Bearer [token] may not do this");
    for (const text of [said, kept, reported]) {
      expect(text.indexOf(TOKEN)).toBe(-1);
      expect(text.indexOf("must-show-nowhere")).toBe(-1);
    }
  },
);

it.for(BACKENDS)(
  "an address for notifications that a variable holds is nowhere on %s, also while what is told waits",
  async (kind, context) => {
    const settings = await backendForTest(kind, context);
    world = await setUpWorld({ rows: 6, settings });
    const { desk } = world;
    const receiver = await startReceiver(() => 503);
    context.onTestFinished(() => receiver.close());
    await writeFile(join(desk.folder, ".env"), `HOOK=${receiver.url}\n`);
    const told = ["--notify", "env:HOOK", "--heartbeat", "env:HOOK", "--notify-on", "held", "--allow-private-address"];
    const said: string[] = [];
    const run = async (args: string[], code = 0): Promise<void> => {
      const ended = await desk.call(args);
      expect(ended.code, ended.stderr).toBe(code);
      said.push(ended.stdout, ended.stderr);
    };
    await run(["notify", "test", "env:HOOK", "--allow-private-address"], 1);
    await run(["schedule", "add", "hr", "changes.csv", "--cron", "0 3 * * *", ...told]);
    await run(["schedule", "run-now", "hr"], 4);
    const paths = (await receiver.until(4)).map(({ path }) => path);
    expect(paths.toSorted()).toEqual([
      "/hook/secret-path",
      "/hook/secret-path",
      "/hook/secret-path/fail",
      "/hook/secret-path/start",
    ]);
    await run(["schedule", "show", "hr"]);
    await run(["schedule", "show", "hr", "--json"]);
    await run(["evidence", "--from", "2020-01-01", "--to", "2099-01-01", "--dir", "proof"]);
    const kept = await everythingIn(kind, settings);
    await rm(join(desk.folder, ".env"));
    const written = await everythingInFolder(desk.folder);
    for (const text of [said.join("\n"), kept, written]) {
      expect(text).toContain("env:HOOK");
      expect(text).not.toContain("secret-path");
    }
  },
);
