import type { Rate } from "../rate.ts";

/** A job carries what the pace sends in so long, so that a stop or a crash concerns few rows. */
const SECONDS = 2;
const MOST = 250;
/** A small run is cut into so many jobs, so that every worker has some of them. */
const LEAST_JOBS = 32;

/** How many rows a job of a run carries: one at a slow pace, and up to 250 without a limit. */
export function rowsAJob(rows: number, rate: Rate | undefined): number {
  const perSecond = rate === undefined ? Number.POSITIVE_INFINITY : rate.limit / (rate.windowMs / 1_000);
  return Math.max(1, Math.min(MOST, Math.floor(perSecond * SECONDS), Math.ceil(rows / LEAST_JOBS)));
}
