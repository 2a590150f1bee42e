const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** `1,912` */
export function formatCount(n: number): string {
  // Node's own way takes ten milliseconds when it is first called.
  return Number.isSafeInteger(n) ? String(n).replaceAll(/\B(?=(?:\d{3})+$)/g, ",") : n.toLocaleString("en-US");
}

/** `1 row`, `1,912 rows`; a plural that is not made with an s is given. */
export function countOf(n: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(n)} ${n === 1 ? singular : plural}`;
}

/** `43 s`, `8 min 20 s`, `2 h 5 min`; under a second `less than a second`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return "less than a second";
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return inTwo(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(ms / MINUTE);
  return inTwo(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** `8 min 20 s`; a rest of nothing is left out: `5 min`. */
function inTwo(large: number, unit: string, rest: number, restUnit: string): string {
  return `${formatCount(large)} ${unit}${rest === 0 ? "" : ` ${rest} ${restUnit}`}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"] as const;

/** `24 Nov 2026, 03:20 UTC`; with seconds `24 Nov 2026, 03:20:59 UTC`. */
export function formatTime(epochMs: number, seconds: "with seconds" | null = null): string {
  const time = new Date(epochMs);
  const clock = time
    .toISOString()
    .split("T")[1]!
    .slice(0, seconds ? 8 : 5);
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}, ${clock} UTC`;
}

/** `1.5%`; never `0%` or `100%` for what is not exactly that. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0%";
  if (part === whole) return "100%";
  const percent = (100 * part) / whole;
  if (percent < 0.1) return "<0.1%";
  if (percent > 99.9) return ">99.9%";
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : Math.round(percent)}%`;
}
