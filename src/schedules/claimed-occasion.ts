import { isDeadOwner } from "../runs/attendance.ts";
import type { Keeper } from "./keeper.ts";
import { decodeOccasion, encodeOccasion, type Occasion, type ReadOccasion } from "./occasion.ts";
import { decodeSchedule, encodeSchedule, type Schedule } from "./schedule.ts";
import { tell } from "./tell.ts";

const MINUTE = 60_000;
/** How long others wait for whoever plans an occasion, if that process fell silent on another machine. */
const CLAIM_MS = 5 * MINUTE;
const RENEW_EVERY_MS = MINUTE;

/** Somebody else has the occasion now, or it is gone with its schedule: whoever had it changes nothing more. */
export class ClaimLostError extends Error {
  override readonly name = "ClaimLostError";
}

/** A keeper's hold on an occasion from now on; it has to renew it before it runs out. */
export function claimOf(keeper: Keeper): { owner: string; until: number } {
  return { owner: keeper.owner, until: keeper.now() + CLAIM_MS };
}

/** Nobody is at it: no claim, one that ran out, or one of a process of this machine that has ended. */
export function isAbandoned({ claim }: Occasion, now: number): boolean {
  return claim === null || claim.until <= now || isDeadOwner(claim.owner);
}

/** A running occasion in the hands of this process. What it changes is changed only while nobody else took it over. */
export class ClaimedOccasion {
  readonly #keeper: Keeper;
  #occasion: ReadOccasion;
  #schedule: Schedule;
  /** Steps follow each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(keeper: Keeper, schedule: Schedule, occasion: ReadOccasion) {
    this.#keeper = keeper;
    this.#schedule = schedule;
    this.#occasion = occasion;
  }

  get occasion(): ReadOccasion {
    return this.#occasion;
  }

  /** As it was read last. */
  get schedule(): Schedule {
    return this.#schedule;
  }

  /** Changes the occasion, and its schedule with it. Throws ClaimLostError. */
  async step(changes: Partial<Occasion>, change: (schedule: Schedule) => Schedule = (same) => same): Promise<void> {
    const step = this.#last.then(() => this.#step(changes, change));
    this.#last = step.catch(() => undefined);
    await step;
  }

  /** Ends it, and tells those who want to hear of it. */
  async end(
    ending: Partial<Occasion> & Pick<Occasion, "state">,
    change: (schedule: Schedule) => Schedule = (same) => same,
  ): Promise<void> {
    const at = this.#keeper.now();
    const isSuccess = ending.state === "done" || ending.state === "in_sync";
    await this.step({ ...ending, finishedAt: at, claim: null }, (schedule) => ({
      ...change(schedule),
      ...(isSuccess && { lastSuccessAt: at }),
    }));
    await tell(this.#keeper, this.#schedule, this.#occasion);
  }

  /** Says that this process is still at it, about once a minute however often it is called. */
  renew(): void {
    const { claim } = this.#occasion;
    const { now } = this.#keeper;
    if (claim === null || claim.until - now() > CLAIM_MS - RENEW_EVERY_MS) return;
    void this.step({ claim: claimOf(this.#keeper) }).catch(() => undefined); // the next real step finds out
  }

  async #step(changes: Partial<Occasion>, change: (schedule: Schedule) => Schedule): Promise<void> {
    const { schedules } = this.#keeper.home;
    const { schedule: name, dueAt } = this.#occasion;
    const next: ReadOccasion = { ...this.#occasion, ...changes };
    for (;;) {
      const kept = await schedules.get(name);
      if (kept === null) throw new ClaimLostError(`schedule ${name} was removed`);
      const { schedule, version } = decodeSchedule(kept);
      const becomes = change(schedule);
      const answer = await schedules.step({
        name,
        version,
        document: encodeSchedule(becomes),
        accountId: this.#occasion.accountId,
        change: { ...encodeOccasion(plain(next)), version: this.#occasion.version },
      });
      if (answer === "done") {
        this.#occasion = { ...next, version: this.#occasion.version + 1 };
        this.#schedule = becomes;
        return;
      }
      const current = await schedules.occasion(name, dueAt);
      if (current?.version !== this.#occasion.version) {
        throw new ClaimLostError(`the occasion of ${name} is in other hands`);
      }
    }
  }
}

/** Takes over an occasion that nobody is at; null when somebody else was faster. */
export async function takeOver(
  keeper: Keeper,
  schedule: Schedule,
  occasion: ReadOccasion,
): Promise<ClaimedOccasion | null> {
  const claimed = new ClaimedOccasion(keeper, schedule, occasion);
  try {
    await claimed.step({ claim: claimOf(keeper) });
    return claimed;
  } catch (error) {
    if (error instanceof ClaimLostError) return null;
    throw error;
  }
}

/** The occasion with this due time, in the hands of whoever just claimed it. */
export async function readClaimed(keeper: Keeper, schedule: Schedule, dueAt: number): Promise<ClaimedOccasion> {
  const kept = await keeper.home.schedules.occasion(schedule.name, dueAt);
  if (kept === null) throw new ClaimLostError(`schedule ${schedule.name} was removed`);
  return new ClaimedOccasion(keeper, schedule, decodeOccasion(kept));
}

function plain({ version: _version, accountId: _account, ...occasion }: ReadOccasion): Occasion {
  return occasion;
}
