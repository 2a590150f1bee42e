import type { Random } from "./random.ts";

/** What can go wrong with a call. */
export const FAULTS = [
  /** An error of the API itself, with its envelope. */
  "500",
  /** An error page of the edge. */
  "502",
  /** Plain text. */
  "503",
  /** The connection is cut before an answer. */
  "reset",
  /** No answer ever. */
  "hang",
  /** 200 with a page instead of JSON. */
  "html",
  /** 200 whose body breaks off with the connection. */
  "cut-off",
  /** 200 whose body is complete, but broken JSON. */
  "broken-json",
  /** The call is carried out, then the connection is cut. */
  "answer-lost",
] as const;

/** Answers that are right in an unusual way, or say something that is not to be believed. */
export const ODD_ANSWERS = [
  /** A change is answered with 201 and the entry. */
  "201",
  /** A change is answered with 204 and no body. */
  "204",
  /** A change is answered with the entry's id alone. */
  "partial",
  /** The body comes compressed, which nobody asked for. */
  "gzip",
  "br",
  "deflate",
  /** 503 with a `retry-after` of two minutes. */
  "503-wait",
  /** 404 whose error code is a word. */
  "404-word",
  /** The answer says that nothing is left for more than a day. */
  "no-requests-left",
  /** The answer says that there is no end of requests. */
  "many-requests-left",
  /** 429 with a `retry-after` of a day. */
  "429-day",
] as const;
export type Fault = (typeof FAULTS)[number] | (typeof ODD_ANSWERS)[number];

/** A planned answer for the next calls that fit. */
export interface Script {
  /** Left out: any. */
  method?: "GET" | "PATCH";
  /** The entry's id; left out: any call, the listing included. */
  entryId?: string;
  /** How many calls it answers, default 1. */
  times?: number;
  answer: ScriptedAnswer;
}

export type ScriptedAnswer =
  | { fault: Fault }
  /** `body` is sent as it is; without one, an envelope with `code` and `message`. The call is not carried out. */
  | { status: number; code?: number; message?: string; body?: string; headers?: Record<string, string> };

/** The scripts that still have calls to answer, the oldest first. */
export interface Scripts {
  add(script: Script): void;
  clear(): void;
  /** The answer for this call, used up by it; null where no script fits. */
  next(method: string, entryId: string | null): ScriptedAnswer | null;
}

export function createScripts(): Scripts {
  const waiting: { script: Script; left: number }[] = [];

  return {
    add: (script) => void waiting.push({ script, left: script.times ?? 1 }),
    clear: () => void waiting.splice(0),
    next(method, entryId) {
      if (waiting.length === 0) return null;
      const index = waiting.findIndex(
        ({ script }) =>
          (script.method === undefined || script.method === method) &&
          (script.entryId === undefined || script.entryId === entryId),
      );
      const found = waiting[index];
      if (found === undefined) return null;
      if (--found.left <= 0) waiting.splice(index, 1);
      return found.script.answer;
    },
  };
}

/**
 * How often the call is carried out before the fault hides it: a PATCH whose answer never came may have been applied.
 * Errors that the API itself answers were not.
 */
const CARRIED_OUT_SHARE: Record<Fault, number> = {
  "500": 0,
  "502": 0.5,
  "503": 0,
  reset: 0.5,
  hang: 0.5,
  html: 0.5,
  "cut-off": 0.5,
  "broken-json": 0.5,
  "answer-lost": 1,
  "201": 1,
  "204": 1,
  partial: 1,
  gzip: 1,
  br: 1,
  deflate: 1,
  "503-wait": 0,
  "404-word": 0,
  "no-requests-left": 1,
  "many-requests-left": 1,
  "429-day": 0,
};

/** Whether a change takes effect though its answer is lost to this fault. */
export function isCarriedOut(fault: Fault, random: Random): boolean {
  return random.chance(CARRIED_OUT_SHARE[fault]);
}
