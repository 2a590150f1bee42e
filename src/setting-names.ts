import { editDistance } from "./edit-distance.ts";

/** Every setting that config.ts reads. */
export const SETTING_NAMES = [
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_ACCOUNT_ID",
  "CLOUDFLARE_BASE_URL",
  "BULKPATCH_BACKEND_URL",
  "BULKPATCH_DATA_DIR",
  "BULKPATCH_RATE",
  "BULKPATCH_PACE",
  "BULKPATCH_CONCURRENCY",
  "BULKPATCH_LOG_LEVEL",
  "BULKPATCH_KEEP_DAYS",
  "BULKPATCH_WEBHOOK_SECRET",
  "BULKPATCH_DASHBOARD_HOST",
  "BULKPATCH_DASHBOARD_PORT",
  "BULKPATCH_DASHBOARD_TOKEN",
  "BULKPATCH_DASHBOARD_VIEWER_TOKEN",
  "BULKPATCH_DASHBOARD_ORIGIN",
  "BULKPATCH_DASHBOARD_PROXIES",
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

/** Names that other tools read: docker-compose.yml of this project, and Cloudflare's own. */
const OF_OTHERS = new Set([
  "BULKPATCH_REDIS_PORT",
  "CLOUDFLARE_API_KEY",
  "CLOUDFLARE_EMAIL",
  "CLOUDFLARE_API_USER_SERVICE_KEY",
]);

/** A mistyped name is fewer letters than this away from the one that was meant. */
const NEAR = 4;

/**
 * A line for each name that looks like a setting of ours and is none, with the likeliest one. In the environment a CLOUDFLARE_ name
 * that is near to none of ours is some other tool's.
 */
export function unknownSettings(
  environment: Record<string, string | undefined>,
  envFile: Record<string, string | undefined>,
): string[] {
  const inFile = Object.keys(envFile);
  const names = new Set([...inFile, ...Object.keys(environment)]);
  return [...names].flatMap((name) => {
    if (!/^(?:BULKPATCH|CLOUDFLARE|CF)_/.test(name) || isKnown(name) || OF_OTHERS.has(name)) return [];
    const meant = likeliest(name);
    if (meant === null && !name.startsWith("BULKPATCH_") && !inFile.includes(name)) return [];
    const where = inFile.includes(name) ? "in .env" : "in the environment";
    return `${name} ${where} is no setting${meant === null ? "" : `: did you mean ${meant}?`}`;
  });
}

function isKnown(name: string): boolean {
  return (SETTING_NAMES as readonly string[]).includes(name);
}

/** The nearest of our names, `CF_` read as the short form that some tools use. */
function likeliest(name: string): SettingName | null {
  const full = name.replace(/^CF_/, "CLOUDFLARE_");
  const [nearest] = SETTING_NAMES.map((known) => ({ known, distance: editDistance(full, known, NEAR) })).toSorted(
    (a, b) => a.distance - b.distance,
  );
  return nearest!.distance < NEAR ? nearest!.known : null;
}
