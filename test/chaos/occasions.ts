import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../../src/backends/backend.ts";
import { BackendError } from "../../src/backends/backend-error.ts";
import { openBackend } from "../../src/backends/open.ts";
import { seededRandom } from "../../src/demo/random.ts";
import type { Run } from "../../src/runs/run.ts";
import { askForRun } from "../../src/schedules/control-schedule.ts";
import { decodeOccasion, type Occasion } from "../../src/schedules/occasion.ts";
import { until } from "../until.ts";
import { compareBudget } from "./compare.ts";
import { LIMIT, setUpStage, type StageOptions } from "./stage.ts";
import { secondsSince, trafficOf, type Traffic } from "./traffic.ts";

/*
 * A round of occasions: two workers and a `schedule run-due` (on the embedded backend, which has no workers, three of `run-due`)
 * compete for each of them, and are killed at random instants around the moment when it is claimed; a server is also killed
 * itself and started again. Each occasion that was asked for must be there once, with one run where something had changed.
 */

export interface OccasionsOptions extends Pick<StageOptions, "seed" | "backendUrl" | "dataDir"> {
  occasions: number;
  /** Of processes, for each occasion, if it lasts that long. */
  kills: number;
  /** Ends the datastore and starts it again, in the midst of every third occasion; left out: it stays. */
  restartBackend?: () => Promise<void>;
}

export interface OccasionsFigures extends Traffic {
  seed: number;
  occasions: number;
  kills: number;
  /** Of the kills, those of an occasion that was claimed and had not ended. */
  killsWhileClaimed: number;
  /** Of the datastore. */
  restarts: number;
  seconds: number;
}

/** Entries that each change of the list changes: the last of a round must not trip a limit. */
const CHANGES = 8;
/** Longer than a worker's pause between two looks, and several take-overs. */
const LONGEST_MS = 120_000;
const NAME = "hr";

/** Plays it. Throws with the seed and every difference. */
export async function playOccasions(options: OccasionsOptions): Promise<OccasionsFigures> {
  const { seed, backendUrl, dataDir, occasions, kills } = options;
  const random = seededRandom(seed);
  const stage = await setUpStage({ seed, backendUrl, dataDir, rows: 300 });
  const { api, desk } = stage;
  // of a directory's entries no name is changed
  const own = stage.before.filter(({ provenance }) => provenance === "A1S_INTERNAL");
  const names = new Map(own.map(({ id, name }) => [id, name]));
  const startedAt = performance.now();
  const suffered = { kills: 0, killsWhileClaimed: 0, restarts: 0 };
  const isEmbedded = backendUrl === "embedded";
  let opened: Backend | null = null;
  const letGo = async (): Promise<void> => {
    const backend = opened;
    opened = null;
    await backend?.close();
  };
  /** Whoever holds an embedded folder keeps the others from working, so it is let go at once; and its holder may be killed. */
  const withBackend = async <T>(work: (backend: Backend) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        opened ??= await openBackend({
          url: isEmbedded ? null : backendUrl,
          dataDir: desk.env["BULKPATCH_DATA_DIR"]!,
        });
        const done = await work(opened);
        if (isEmbedded) await letGo();
        return done;
      } catch (error) {
        await letGo().catch(() => undefined);
        if (!(error instanceof BackendError) || attempt === 20) throw error;
      }
    }
  };
  try {
    const writeList = (): Promise<void> =>
      writeFile(
        join(desk.folder, "people.csv"),
        ["id,name", ...[...names].map(([id, name]) => `${id},"${name.replaceAll('"', '""')}"`), ""].join("\n"),
      );
    await writeList();
    const add = ["schedule", "add", NAME, "people.csv", "--cron", "0 0 29 2 *", "--tz", "UTC"];
    const added = await desk.call([...add, "--max-changes-week", "100%"]);
    if (added.code !== 0) throw new Error(`schedule add ended with ${added.code}: ${added.stderr}`);

    const runDue = ["schedule", "run-due"];
    const commands = isEmbedded ? [runDue, runDue, runDue] : [["worker"], ["worker"], runDue];
    const processes = commands.map((command) => desk.start(command));
    const restart = async (at: number): Promise<void> => {
      await processes[at]!.ended;
      processes[at] = desk.start(commands[at]!);
    };
    /** A `run-due` ends when nothing is left to do, and cron starts the next: at once while they are killed, then one a second. */
    const cron = { everyMs: 0, startedAt: 0 };
    const tend = async (): Promise<void> => {
      if (!isEmbedded) return;
      for (const [at, { child }] of processes.entries()) {
        if (child.exitCode === null || performance.now() - cron.startedAt < cron.everyMs) continue;
        await restart(at);
        cron.startedAt = performance.now();
      }
    };
    const asked = new Map<number, number>();
    for (let n = 0; n < occasions; n += 1) {
      const changes = n % 4 === 3 ? 0 : CHANGES;
      for (const id of random.shuffle([...names.keys()]).slice(0, changes)) names.set(id, `Occasion ${n} ${id}`);
      await writeList();
      const asking = { by: "ada@test", now: Date.now() };
      const dueAt = await withBackend(({ schedules }) => askForRun(schedules, NAME, asking));
      asked.set(dueAt, changes);
      const look = async (): Promise<Occasion | null> => {
        await tend();
        const kept = await withBackend(({ schedules }) => schedules.occasion(NAME, dueAt));
        return kept && decodeOccasion(kept);
      };
      cron.everyMs = 0;
      const isOver = async (): Promise<boolean> => ((await look())?.state ?? "running") !== "running";
      for (let kill = 0; kill < kills && !(await isOver()); kill += 1) {
        // the command first: it looks at once
        const at = kill === 0 ? 2 : random.int(0, 2);
        if (kill === 0) {
          processes[at]!.child.kill("SIGKILL");
          await restart(at);
        }
        if (random.chance(0.7)) await until("it is claimed", look, LONGEST_MS);
        await sleep(random.int(0, 400));
        const before = await look();
        const victim = processes[at]!;
        if (victim.child.exitCode === null && victim.child.kill("SIGKILL")) {
          suffered.kills += 1;
          if (before?.state === "running") suffered.killsWhileClaimed += 1;
        }
        await restart(at);
        if (options.restartBackend && kill === 1 && n % 3 === 0) {
          await options.restartBackend();
          suffered.restarts += 1;
        }
      }
      cron.everyMs = 1_000;
      await until(`occasion ${n} is over`, isOver, LONGEST_MS);
    }
    for (const { child } of processes) child.kill("SIGTERM");
    await Promise.all(processes.map(({ ended }) => ended));
    const { found, runs } = await withBackend(async (home) => ({
      found: (await home.schedules.occasions(NAME, 1_000)).map(decodeOccasion),
      runs: await home.runs.list(1_000),
    }));
    const problems = [
      ...compareOccasions(asked, found),
      ...compareRuns(found, runs),
      ...own.flatMap(({ id }) => {
        const { name } = api.registry.get(id)!;
        return name === names.get(id) ? [] : [`entry ${id} is named ${name} instead of ${names.get(id)}`];
      }),
      ...compareBudget(api, LIMIT),
    ];
    if (problems.length > 0) throw new Error(problems.slice(0, 20).join("\n  "));
    return { seed, occasions, ...suffered, seconds: secondsSince(startedAt), ...trafficOf(api) };
  } catch (error) {
    throw new Error(`seed ${seed}, after ${JSON.stringify(suffered)}: ${(error as Error).message}`, { cause: error });
  } finally {
    await letGo();
    await stage.clear();
  }
}

/** Each that was asked for is there, once, with what it had to change. */
function compareOccasions(asked: ReadonlyMap<number, number>, found: readonly Occasion[]): string[] {
  const problems = found.length === asked.size ? [] : [`${found.length} occasions instead of ${asked.size}`];
  for (const [dueAt, changes] of asked) {
    const those = found.filter((occasion) => occasion.dueAt === dueAt);
    const { state, run, reason, message, changes: made } = those[0] ?? {};
    const wanted = changes === 0 ? "in_sync" : "done";
    if (those.length !== 1 || state !== wanted || (changes > 0 && (made !== changes || !run)))
      problems.push(
        `occasion ${dueAt}: ${those.length}, ${state} (${reason}, ${message}), ${made} of ${changes}, ${run}`,
      );
  }
  return problems;
}

/** Each run is of one occasion, but for those that were cut off while their rows were recorded: whoever takes over cancels them. */
function compareRuns(found: readonly Occasion[], runs: readonly Run[]): string[] {
  const named = found.flatMap(({ run }) => (run === null ? [] : [run])).toSorted();
  const made = runs.filter(({ state }) => state !== "cancelled").map(({ id }) => id);
  const sentInVain = runs.filter(({ state, outcomes }) => state === "cancelled" && outcomes.updated > 0);
  return [
    ...(JSON.stringify(named) === JSON.stringify(made.toSorted())
      ? []
      : [`the occasions have the runs ${named.join(", ")}, there are ${made.toSorted().join(", ")}`]),
    ...sentInVain.map(({ id, outcomes }) => `run ${id} was cancelled after ${outcomes.updated} updates`),
  ];
}
