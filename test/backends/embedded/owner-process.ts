/**
 * A process that holds the folder named by its first argument, for tests that kill it. It says `ready`, then records row
 * after row of the run `r`, and says each position when the answer is there.
 */
import { openBackend } from "../../../src/backends/open.ts";
import { ended, event, sampleRows, sampleRun } from "../sample-run.ts";

const [, , dataDir = "", work = "record"] = process.argv;
const backend = await openBackend({ url: null, dataDir });
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
if (work === "record") {
  if ((await backend.runs.get("r")) === null) {
    await backend.runs.create(sampleRun({ id: "r" }), event("planning"));
    await backend.rows.stage("r", sampleRows(5_000));
  }
  say("ready");
  for await (const positions of backend.rows.outstanding("r")) {
    for (const n of positions) {
      await backend.rows.record("r", [ended(n)]);
      say(String(n));
    }
  }
} else {
  say("ready");
  process.stdin.once("data", () => void backend.close().then(() => process.exit(0)));
}
