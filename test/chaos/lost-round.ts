import { isDeepStrictEqual } from "node:util";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { seededRandom } from "../../src/demo/random.ts";
import type { RunView } from "../../src/runs/view.ts";
import { reportedOutcomes } from "../e2e/reported-outcomes.ts";
import type { Ended, Started } from "../e2e/run-cli.ts";
import { until } from "../until.ts";
import { compareBudget, compareRegistry } from "./compare.ts";
import { unlessItHangs } from "./hang.ts";
import { LIMIT, setUpStage, type Stage, type StageOptions } from "./stage.ts";
import { secondsSince, trafficOf, type Traffic } from "./traffic.ts";

/*
 * A round in which the datastore forgets everything in mid-run. The attached command must say so and leave a true report of what
 * it did itself; the same file, run once more beside the same workers, must then end as if nothing had happened.
 */

export interface LostRoundOptions extends StageOptions {
  workers: number;
  /** Empties the datastore, or starts it again without its data. */
  lose: () => Promise<void>;
}

export interface LostRoundFigures extends Traffic {
  seed: number;
  /** Rows in the report of the run whose record was lost. */
  reported: number;
  seconds: number;
}

/** For the first rows to be sent. */
const LONGEST_MS = 120_000;

/** Plays it. Throws with the seed and every difference. */
export async function playLostRound(options: LostRoundOptions): Promise<LostRoundFigures> {
  const { seed, workers, lose } = options;
  const stage = await setUpStage(options);
  const { api, desk, sheet } = stage;
  const startedAt = performance.now();
  try {
    const helpers = Array.from({ length: workers }, () => desk.start(["worker"]));
    const run = ["run", "changes.csv", "--yes", "--json", "--report-dir", "report"];
    const first = desk.start(run);
    const patches = (): number => api.requests().filter(({ method }) => method === "PATCH").length;
    const changes = sheet.expected.filter(({ set }) => set !== null).length;
    const enough = seededRandom(seed).int(Math.ceil(changes * 0.1), Math.ceil(changes * 0.7));
    const end = (one: Started): Promise<Ended> =>
      unlessItHangs(
        one.ended,
        () => api.requests().length,
        () => one.output().stderr.slice(-1_000),
      );
    await until("some rows are sent", () => patches() >= enough, LONGEST_MS);
    await lose();
    const gone = await end(first);
    const reported = await reportedOutcomes(desk);
    const problems = [...compareGone(gone), ...compareTruth(stage, reported)];

    await rm(join(desk.folder, "report"), { recursive: true });
    const second = desk.start(run);
    const ended = await end(second);
    problems.push(...compareAgain(stage, ended, await reportedOutcomes(desk)));
    for (const { child } of helpers) child.kill("SIGTERM");
    await Promise.all(helpers.map(end));
    problems.push(...compareRegistry(sheet, stage.before, api), ...compareBudget(api, LIMIT));
    if (problems.length > 0) throw new Error(problems.slice(0, 20).join("\n  "));
    return { seed, reported: reported.size, seconds: secondsSince(startedAt), ...trafficOf(api) };
  } catch (error) {
    throw new Error(`seed ${seed}, the datastore lost its data: ${(error as Error).message}`, { cause: error });
  } finally {
    await stage.clear();
  }
}

/** The command says that the run's record is gone. */
function compareGone({ code, stdout, stderr }: Ended): string[] {
  const error = (JSON.parse(stdout || "{}") as { error?: { code: string } }).error?.code;
  return code === 1 && error === "run_gone" ? [] : [`the command ended with ${code}, ${error}: ${stderr.slice(-500)}`];
}

/** What it reports has come true, as far as it goes. */
function compareTruth({ sheet, before, api }: Stage, reported: Map<number, string>): string[] {
  const expected = new Map(sheet.expected.map((row) => [row.row, row]));
  const old = new Map(before.map((entry) => [entry.id, entry]));
  if (reported.size === 0) return ["the report has no rows"];
  return [...reported].flatMap(([row, outcome]) => {
    const should = expected.get(row);
    if (should?.outcome !== outcome) return [`row ${row} is reported as ${outcome}, it should be ${should?.outcome}`];
    if (outcome !== "updated" || should.set === null) return [];
    const now = api.registry.get(should.entryId!)!;
    return isDeepStrictEqual(valuesOf(now), { ...valuesOf(old.get(now.id)!), ...should.set })
      ? []
      : [`row ${row} is reported as updated, and its entry is ${JSON.stringify(now)}`];
  });
}

function valuesOf({ modified_at: _m, last_modified: _l, ...values }: DemoEntry): Partial<DemoEntry> {
  return values;
}

/** Each row of the second run ends as it should have in the first, or had its values already. */
function compareAgain({ sheet }: Stage, ended: Ended, reported: Map<number, string>): string[] {
  const state = ended.stdout === "" ? "nothing" : ended.json<RunView>().state;
  if ((ended.code !== 0 && ended.code !== 3) || state !== "finished")
    return [`the second run ended with ${ended.code}, ${state}: ${ended.stderr.slice(-500)}`];
  return sheet.expected.flatMap(({ row, outcome }) => {
    const again = reported.get(row);
    const isSo = again === outcome || (outcome === "updated" && again === "unchanged");
    return isSo ? [] : [`row ${row} should be ${outcome} and is reported by the second run as ${again}`];
  });
}
