import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../src/demo/random.ts";
import type { RunState } from "../../src/runs/run.ts";
import type { RunView } from "../../src/runs/view.ts";
import type { Desk, Started } from "../e2e/run-cli.ts";
import { unlessItHangs } from "./hang.ts";

/** Ends of the command that nobody asked for and that are no end of the run: a few are the price of a restarted datastore. */
const MOST_ENDS_BY_ITSELF = 10;

export interface Disturbances {
  /** Worker processes beside the command; 0 on the embedded backend. */
  workers: number;
  /** Kills that fall, if the run lasts that long. */
  kills: number;
  /** Milliseconds between two disturbances, least and most. */
  every: [number, number];
  /** Updates that are sent first and read back; left out: none. */
  canary?: number;
  /** How long a process is frozen, least and most, milliseconds; left out: none is. */
  freezeMs?: [number, number];
  /** Ends the datastore and starts it again; left out: it stays. */
  restartBackend?: (awayMs: number) => Promise<void>;
  /** How many entries show their new values so far. */
  changed: () => number;
  /** Left out: none. */
  ordeals?: readonly { name: Ordeal; happen: (random: Random) => Promise<boolean> }[];
}

/** Faults of what a run stands on. */
export type Ordeal =
  /** A Redis that has no memory left for a while. */
  | "full"
  /** The datastore's clock steps back by an hour. */
  | "clock"
  /** The API answers 429 with a `retry-after` of a day, once; then as much time passes as is believed of it. */
  | "day";

export interface Suffered {
  kills: number;
  /** Of the kills, those that fell while the run was not yet `running`. */
  killsWhileQueueing: number;
  /** SIGSTOP, and SIGCONT later. */
  freezes: number;
  /** Pauses by an operator. */
  pauses: number;
  /** Of the datastore. */
  restarts: number;
  ordeals: Record<Ordeal, number>;
}

const BEFORE_RUNNING: ReadonlySet<RunState> = new Set(["planning", "queueing", "interrupted"]);

/** How often each disturbance is chosen, where it can be; what is left is kills. */
const SHARES = { restart: 0.12, freeze: 0.15, pause: 0.08, ordeal: 0.15 };
/** So many of each: one that a round hardly ends after, or so many that they are most of it, tell no more. */
const MOST_OF_EACH: Record<Ordeal, number> = { full: 3, clock: 3, day: 1 };

/**
 * Runs the spreadsheet to its end, whatever happens on the way; answers what happened, and the finished run. Throws with the last
 * ends of the command where nothing moves any more before the run has come to its end, or the command does not get on.
 */
export async function disturbUntilDone(
  desk: Desk,
  { workers, kills, every, canary = 0, freezeMs, restartBackend, changed, ordeals = [] }: Disturbances,
  random: Random,
): Promise<{ suffered: Suffered; run: RunView }> {
  const suffered: Suffered = {
    kills: 0,
    killsWhileQueueing: 0,
    freezes: 0,
    pauses: 0,
    restarts: 0,
    ordeals: { full: 0, clock: 0, day: 0 },
  };
  /** The command, then the workers. */
  const running: (Started | null)[] = Array.from({ length: workers + 1 }, () => null);
  const thaws = new Set<NodeJS.Timeout>();
  let run: RunView | null = null;
  /** How the command ended when nobody had killed it and the run was not over. */
  const ends: string[] = [];
  let isOver = false;

  function start(args: string[]): Started {
    if (isOver) throw new Error("the round is over");
    return desk.start(args);
  }

  const startCommand = (): Started =>
    start(
      run === null
        ? ["run", "changes.csv", "--yes", "--json", "--canary", String(canary)]
        : ["resume", run.id, "--json"],
    );

  function freeze(started: Started | null | undefined, [least, most]: [number, number]): void {
    if (!started || hasEnded(started)) return;
    started.child.kill("SIGSTOP");
    suffered.freezes += 1;
    const thaw = setTimeout(
      () => {
        thaws.delete(thaw);
        started.child.kill("SIGCONT");
      },
      random.int(least, most),
    );
    thaws.add(thaw);
  }

  async function disturb(): Promise<void> {
    const chosen = random.next();
    const victim = random.int(0, running.length - 1);
    const lengthMs = random.int(0, 2_000);
    // A clock that steps back would undo the step forward by which a day is over, so a day is a round's last.
    const left =
      suffered.ordeals.day > 0 ? [] : ordeals.filter(({ name }) => suffered.ordeals[name] < MOST_OF_EACH[name]);
    if (restartBackend && chosen < SHARES.restart) {
      await restartBackend(lengthMs);
      suffered.restarts += 1;
    } else if (freezeMs && chosen < SHARES.restart + SHARES.freeze) {
      freeze(running[victim], freezeMs);
    } else if (run !== null && chosen < SHARES.restart + SHARES.freeze + SHARES.pause) {
      if ((await desk.call(["pause", run.id])).code === 0) suffered.pauses += 1;
    } else if (chosen > 1 - SHARES.ordeal && left.length > 0) {
      const { name, happen } = random.pick(left);
      if (await happen(random)) suffered.ordeals[name] += 1;
    } else {
      if (await kill(running[victim])) {
        suffered.kills += 1;
        if (victim === 0) {
          run = await newestRun(desk);
          if (run === null || BEFORE_RUNNING.has(run.state)) suffered.killsWhileQueueing += 1;
        }
      }
      running[victim] = null;
    }
  }

  /** Those that are still frozen wake, and everybody ends politely: what they do then must change nothing. */
  async function endAll(): Promise<void> {
    for (const thaw of thaws) clearTimeout(thaw);
    const left = running.filter((started) => started !== null && !hasEnded(started));
    for (const started of left) {
      started!.child.kill("SIGCONT");
      started!.child.kill("SIGTERM");
    }
    await Promise.all(left.map((started) => started!.ended));
  }

  /** The finished run, where the command has come to its end. */
  async function finished(command: Started): Promise<RunView | null> {
    const { code, stdout, stderr, json } = await command.ended;
    if (code === 0 || code === 3) {
      const view = json<RunView>();
      if (view.state === "finished") return view;
    }
    ends.push(`${code}: ${stderr.trim().split("\n").at(-1) ?? ""} ${stdout.slice(0, 200)}`);
    if (ends.length > MOST_ENDS_BY_ITSELF + suffered.pauses + suffered.restarts + suffered.ordeals.full)
      throw new Error(where("does not get on"));
    return null;
  }

  function where(what: string): string {
    const { stdout, stderr } = running[0]?.output() ?? { stdout: "", stderr: "" };
    return [
      `run ${run?.id ?? "(none yet)"}, last seen ${run?.state ?? "nowhere"}, ${what}, after ${JSON.stringify(suffered)}`,
      ...ends.slice(-3).map((end) => `the command ended with ${end}`),
      `the last command says: ${stdout} ${stderr.slice(-1_000)}`,
    ].join("\n  ");
  }

  async function play(): Promise<{ suffered: Suffered; run: RunView }> {
    for (let i = 1; i < running.length; i += 1) running[i] = start(["worker"]);
    running[0] = startCommand();
    for (;;) {
      await sleep(random.int(...every));
      const command = running[0];
      if (command && hasEnded(command)) {
        const view = await finished(command);
        if (view !== null) {
          await endAll();
          return { suffered, run: view };
        }
        running[0] = null;
      }
      if (suffered.kills < kills) await disturb();
      for (let i = 1; i < running.length; i += 1) if (hasEnded(running[i])) running[i] = start(["worker"]);
      if (hasEnded(running[0])) {
        run = await newestRun(desk);
        running[0] = startCommand();
      }
    }
  }

  /** Grows with all that brings the round nearer to its end. */
  const moved = (): number =>
    changed() + ends.length + suffered.kills + suffered.ordeals.full + suffered.ordeals.clock + suffered.ordeals.day;
  try {
    return await unlessItHangs(play(), moved, () => where("is not finished"));
  } finally {
    isOver = true;
    for (const thaw of thaws) clearTimeout(thaw);
  }
}

function hasEnded(started: Started | null | undefined): boolean {
  return !started || started.child.exitCode !== null || started.child.signalCode !== null;
}

async function kill(started: Started | null | undefined): Promise<boolean> {
  if (!started || hasEnded(started)) return false;
  const hit = started.child.kill("SIGKILL");
  await started.ended;
  return hit;
}

async function newestRun(desk: Desk): Promise<RunView | null> {
  const listed = await desk.call(["runs", "--json"]);
  if (listed.code !== 0) throw new Error(`runs ended with ${listed.code}: ${listed.stderr}`);
  return listed.json<{ runs: RunView[] }>().runs[0] ?? null;
}
