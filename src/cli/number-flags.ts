import { UsageError } from "./usage-error.ts";

/** `flag`: for the message. Throws UsageError. */
export function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${flag}: expected a whole number, found "${text}"`, `write it like ${flag} 10`);
}

/** Milliseconds, from `500ms`, `5s` or `2m`. Throws UsageError. */
export function duration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, length, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(length) * ({ ms: 1, s: 1_000, m: 60_000 }[unit ?? ""] ?? Number.NaN);
  if (ms >= 1 && ms <= 60 * 60_000) return ms;
  throw new UsageError(`${flag}: expected a time from 1ms to 60m, found "${text}"`, `write it like ${flag} 5s`);
}
