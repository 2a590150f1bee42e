import type { Outcome } from "../runs/outcome.ts";

/** 12,345 */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 row`, `2 rows`, `3 entries`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `40 s`, `4 min 10 s`, `1 h 5 min`; whole seconds, rounded up. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** An outcome as people read it: `directory-synced`, `invalid`, `updated`. */
export function outcomeLabel(outcome: Outcome): string {
  return outcome.replace(/^rejected_/, "").replaceAll("_", "-");
}
