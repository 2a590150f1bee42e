import { spawnSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setUpDesk } from "../../e2e/run-cli.ts";
import { installPackage } from "../../install-package.ts";
import { commentSheet } from "../../runs/decided-rows.ts";
import { msOf, peakOf } from "../command.ts";
import { type Figure, figure } from "../figure.ts";
import type { Measure } from "../measurement.ts";
import { startStandIn } from "../stand-in.ts";
import { takeTurns } from "../turns.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const TURNS = 15;
const COMMAND_TURNS = 5;
/** Of the time of a Node that does nothing. */
const AT_MOST = { atMost: 2.5 };

/** What a command takes before it does anything, beside a Node that does nothing; and the short commands on the embedded backend, whole. */
export const measureStart: Measure = async function* ({ say }) {
  const folder = await mkdtemp(join(tmpdir(), "start-"));
  say("the checkout and the package");
  yield* besideNode("from a checkout", ROOT, folder);
  yield* besideNode("from the package", await installPackage(folder), folder);
  yield* onEmbedded(say);
};

async function* besideNode(where: string, root: string, cwd: string): AsyncIterable<Figure> {
  const start =
    (code: number, ...args: string[]) =>
    () =>
      msToEnd(args, cwd, code);
  const program = join(root, "src/cli/bulkpatch.js");
  const { median, ratio } = await takeTurns(TURNS, {
    node: start(0, "-e", "0"),
    help: start(0, program, "--help"),
    wrong: start(2, program, "plan", "--no-such-option"),
  });
  const help = `--help ${where}, of \`node -e 0\` (${Math.round(median.help)} ms)`;
  yield figure(help, ratio("help", "node"), "times", AT_MOST);
  const wrong = `a usage error ${where}, of \`node -e 0\` (${Math.round(median.wrong)} ms)`;
  yield figure(wrong, ratio("wrong", "node"), "times", AT_MOST);
}

/** Synchronously, so that this process does nothing meanwhile. */
function msToEnd(args: string[], cwd: string, expected: number): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  const ms = performance.now() - begun;
  if (status !== expected) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return ms;
}

async function* onEmbedded(say: (text: string) => void): AsyncIterable<Figure> {
  const api = await startStandIn({ entries: 200 });
  const desk = await setUpDesk(api);
  try {
    await writeFile(join(desk.folder, "changes.csv"), commentSheet((await api.entries()).slice(0, 20)));
    for (const args of [["plan", "changes.csv"], ["export"], ["doctor"]]) {
      say(args[0]!);
      const { median } = await takeTurns(COMMAND_TURNS, { it: () => msOf(desk, args) });
      yield figure(`${args[0]} on the embedded backend`, median.it / 1_000, "s", { atMost: 1 });
      yield figure(`${args[0]} on the embedded backend, resident`, await peakOf(desk, args), "MB", { atMost: 200 });
    }
    say("run, runs");
    const args = ["run", "changes.csv", "--yes"];
    yield figure("the first run in a new folder, which makes the database: resident", await peakOf(desk, args), "MB");
    const { median } = await takeTurns(COMMAND_TURNS, { it: () => msOf(desk, ["runs"]) });
    yield figure("runs, which opens PGlite", median.it / 1_000, "s", { atMost: 0.8 });
    yield figure("runs, resident", await peakOf(desk, ["runs"]), "MB", { atMost: 350 });
  } finally {
    await desk.clear();
    await api.stop();
  }
}
