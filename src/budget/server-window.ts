/** What an answer says of the window in which its request was counted. Times are in milliseconds of the budget's clock. */
export interface WindowSign {
  sentAt: number;
  heardAt: number;
  /** Requests of all processes that had been sent by then. */
  number: number;
  remaining: number;
  /** The window resets, or its oldest request leaves it, between these times; infinite where that is not said. */
  endsAfter: number;
  endsBefore: number;
}

/** The server's limit as it is known by now, and how many requests may be anybody's, as they overtook each other. */
export interface WindowTerms {
  quota: number;
  windowMs: number;
  noise: number;
}

/**
 * What an answer shows: that its window is the one before (`old`), or the same; that another one has begun, as it was counted
 * anew (`resets`), or slides, or either (`unclear`).
 */
export type WindowMove = "old" | "same" | "resets" | "slides" | "unclear";

/** Finds out by what windows the server counts, which shows when the first one ends, and when the present one resets. */
export interface ServerWindow {
  kind(): "unknown" | "fixed" | "sliding";
  /** The window resets between these times; of one that slides, its oldest request leaves it. */
  resetAfter(): number;
  resetBefore(): number;
  moveOf(sign: WindowSign, before: WindowSign | null, terms: WindowTerms): WindowMove;
  /** The answer that showed this move is taken account of. */
  follow(sign: WindowSign, move: WindowMove, windowMs: number): void;
  /** When it resets is not known any more. */
  forget(): void;
}

/** The server's clock and ours need not run alike. */
const CLOCK_SLACK_MS = 100;
/** `t` is in whole seconds. */
export const RESET_STEP_MS = 1000;

export function createServerWindow(): ServerWindow {
  let kind: "unknown" | "fixed" | "sliding" = "unknown";
  let resetAfter = Number.NEGATIVE_INFINITY;
  let resetBefore = Number.POSITIVE_INFINITY;
  /** When it showed that this window had begun. */
  let switchedAt = Number.NEGATIVE_INFINITY;

  /** At a reset (nearly) all that was used comes back at once; out of a sliding window it trickles. */
  function looksReset(sign: WindowSign, before: WindowSign, { quota, windowMs }: WindowTerms): boolean {
    const used = quota - before.remaining;
    const elapsed = sign.sentAt - before.sentAt;
    if (kind === "sliding" && elapsed > windowMs / 10) return false;
    return used < quota / 20 || sign.remaining - before.remaining + (sign.number - before.number) >= used / 2;
  }

  return {
    kind: () => kind,
    resetAfter: () => resetAfter,
    resetBefore: () => resetBefore,
    moveOf(sign, before, terms) {
      if (sign.sentAt < switchedAt && (kind === "fixed" || sign.endsBefore < resetAfter)) return "old";
      if (before === null) return "same";
      if (sign.endsBefore === Number.POSITIVE_INFINITY || resetBefore === Number.POSITIVE_INFINITY) {
        if (sign.remaining <= before.remaining + terms.noise) return "same";
        return looksReset(sign, before, terms) ? "resets" : "slides";
      }
      if (sign.endsAfter <= resetBefore + CLOCK_SLACK_MS) return "same";
      // One that is counted anew ends a whole window later.
      if (sign.endsBefore - resetAfter < terms.windowMs - RESET_STEP_MS) return "slides";
      // Of one that slides, the request that was heard of last would have to be gone first.
      const isStillCounted =
        sign.heardAt - before.sentAt < terms.windowMs && before.heardAt < resetAfter - RESET_STEP_MS;
      return isStillCounted ? "resets" : "unclear";
    },
    follow(sign, move, windowMs) {
      if (move === "slides") {
        if (kind !== "sliding") switchedAt = sign.heardAt;
        kind = "sliding";
        this.forget();
      } else if (move === "resets" || move === "unclear") {
        if (move === "resets") kind = "fixed";
        switchedAt = sign.heardAt;
        // Windows usually follow each other, and `t` alone is only true to the second.
        const follows = resetBefore + windowMs > sign.endsAfter && resetAfter + windowMs < sign.endsBefore;
        resetAfter = follows ? resetAfter + windowMs : Number.NEGATIVE_INFINITY;
        resetBefore = follows ? resetBefore + windowMs : Number.POSITIVE_INFINITY;
      }
      resetAfter = Math.max(resetAfter, sign.endsAfter);
      resetBefore = Math.min(resetBefore, sign.endsBefore);
    },
    forget() {
      resetAfter = Number.NEGATIVE_INFINITY;
      resetBefore = Number.POSITIVE_INFINITY;
    },
  };
}
