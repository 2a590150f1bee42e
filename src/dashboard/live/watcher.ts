import type { Run, RunEvent } from "../../runs/run.ts";
import type { Desk } from "../desk.ts";
import { lookAtBudget } from "../facts/budget.ts";
import { type ActiveRun, unfinishedRuns } from "../facts/overview.ts";
import { progressOf } from "../facts/run-progress.ts";
import { allSchedules } from "../facts/schedules.ts";
import { presentWorkers } from "../../runs/attendance.ts";
import { scheduleView } from "../../schedules/view.ts";
import { timeOf, viewActiveRun, viewBudget, viewWorker } from "../views.ts";

/*
 * What happens, as one `serve` process sees it in the datastore: workers and other dashboards may be anywhere. It looks once a
 * second, and only while somebody listens; all who listen share the look.
 */

const SECOND = 1_000;
const LOOK_EVERY_MS = SECOND;
/** Runs that are looked at besides the unfinished ones: the newest, so that one that ended at once is seen. */
const NEWEST = 20;
/** Runs whose history is searched for what a listener missed. */
const MISSED_AMONG = 200;

/** Something to tell a browser. */
export interface Notice {
  /** `happened`: somebody did something to a run. The others: the object as it is now. */
  name: "happened" | "run" | "schedule" | "budget" | "workers";
  /** Of what stays in the record; null for the state of the moment, which is sent anew at each start. */
  id: string | null;
  data: unknown;
}

/** Looks at the backend while somebody listens, and tells what has changed. */
export class Watcher {
  readonly #desk: Desk;
  readonly #listeners = new Set<(notice: Notice) => void>();
  /** Of each run, how many entries its history had. */
  readonly #seen = new Map<string, number>();
  /** The last notice of each object, as text. */
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();
  /** When it began to look: what is older is no news. */
  #since = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /**
   * Tells what happened after the notice of this id, then the state of the moment, then whatever happens. Answers how to stop it.
   */
  async listen(after: string | null, listener: (notice: Notice) => void): Promise<() => void> {
    const missed = after === null ? [] : await this.#missed(after);
    for (const notice of missed) listener(notice);
    const told = new Set(missed.map(({ id }) => id));
    const tell = (notice: Notice): void => {
      if (notice.id === null || !told.delete(notice.id)) listener(notice);
    };
    if (this.#listeners.size === 0) {
      this.#seen.clear();
      this.#told.clear();
      this.#since = this.#desk.now();
      this.#listeners.add(tell);
      this.#looking = this.#look();
      await this.#looking;
      this.#scheduleLook();
    } else {
      await this.#looking;
      for (const [key, text] of this.#told) tell({ name: nameOf(key), id: null, data: JSON.parse(text) });
      this.#listeners.add(tell);
    }
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#listeners.clear();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #scheduleLook(): void {
    if (this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
      void this.#looking.finally(() => this.#scheduleLook());
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    const { backend, registry } = this.#desk;
    try {
      const [unfinished, newest, schedules, budget, workers] = await Promise.all([
        unfinishedRuns(backend),
        backend.runs.list(NEWEST),
        allSchedules(this.#desk),
        lookAtBudget(this.#desk),
        presentWorkers(backend.presence, registry.api.accountId),
      ]);
      const runs = new Map([...newest, ...unfinished].map((run) => [run.id, run]));
      for (const id of this.#told.keys()) {
        // One that ended since the last look, and is not among the newest.
        const run = id.startsWith("run ") ? id.slice(4) : null;
        if (run === null || runs.has(run)) continue;
        const found = await backend.runs.get(run);
        if (found) runs.set(run, found);
      }
      for (const run of runs.values()) await this.#tellRun(run);
      for (const { schedule, last } of schedules) {
        this.#tellState(`schedule ${schedule.name}`, scheduleView(schedule, last, this.#desk.now()));
      }
      this.#tellState("budget", viewBudget(budget));
      this.#tellState("workers", { workers: workers.map(viewWorker) });
    } catch (error) {
      this.#desk.log.failed(error as Error, "/api/v1/events");
    }
  }

  async #tellRun(run: Run): Promise<void> {
    const known = this.#seen.get(run.id);
    this.#seen.set(run.id, run.events.length);
    const isNews = (_notice: Notice, index: number): boolean =>
      known === undefined ? run.events[index]!.at >= this.#since : index >= known;
    for (const notice of noticesOf(run).filter(isNews)) this.#tell(notice);
    const active: ActiveRun = { run, progress: await progressOf(this.#desk, run) };
    this.#tellState(`run ${run.id}`, viewActiveRun(active));
  }

  #tellState(key: string, data: unknown): void {
    const text = JSON.stringify(data);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    this.#tell({ name: nameOf(key), id: null, data });
  }

  #tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  async #missed(after: string): Promise<Notice[]> {
    const runs = await this.#desk.backend.runs.list(MISSED_AMONG);
    return runs
      .flatMap(noticesOf)
      .filter(({ id }) => compareIds(id!, after) > 0)
      .toSorted((a, b) => compareIds(a.id!, b.id!));
  }
}

/** `run`, of `run 2026-11-24-brave-otter`. */
function nameOf(key: string): Notice["name"] {
  return key.split(" ", 1)[0] as Notice["name"];
}

/** The history of a run, entry by entry. */
function noticesOf(run: Run): Notice[] {
  return run.events.map((event, index) => ({
    name: "happened",
    id: idOf(run, event, index),
    data: viewOf(run, event),
  }));
}

function viewOf(run: Run, { at, what, by, detail }: RunEvent): unknown {
  return { run: run.id, at: timeOf(at), what, by, detail };
}

function idOf(run: Run, { at }: RunEvent, index: number): string {
  return `${at}-${index}-${run.id}`;
}

/** By time, then by place in the history. Anything that is no id comes first. */
function compareIds(a: string, b: string): number {
  const [aAt, aIndex, aRun] = partsOf(a);
  const [bAt, bIndex, bRun] = partsOf(b);
  return aAt - bAt || aIndex - bIndex || aRun.localeCompare(bRun);
}

function partsOf(id: string): [at: number, index: number, run: string] {
  const [, at = "0", index = "0", run = ""] = /^(\d{1,16})-(\d{1,9})-(.*)$/.exec(id) ?? [];
  return [Number(at), Number(index), run];
}
