import { directoryName } from "../registry/directory.ts";
import type { FieldChanges } from "../registry/entry-diff.ts";

/** What the people who run a directory have to do with it. */
interface DirectoryPlace {
  /** The system in which people are kept, by the name its administrators use. */
  system: string;
  /** How to get to one person there. */
  path: string;
}

const MICROSOFT: DirectoryPlace = {
  system: "Microsoft Entra ID",
  path: "entra.microsoft.com › Users, or the on-premises Active Directory that feeds it",
};

const PLACES: Record<string, DirectoryPlace> = {
  "SNOOPY-OFFICE_365": MICROSOFT,
  "SNOOPY-CASB_OFFICE_365": MICROSOFT,
  "SNOOPY-GOOGLE_DIRECTORY": { system: "Google Workspace", path: "admin.google.com › Directory › Users" },
};

/** Source: Cloudflare's documentation, "Manage users in your directory". */
const SECONDARY_EMAIL = "Email Security › Directories › Users › Edit";

/** The directory's name as a heading; one that is not known (`null`) gets words of its own. */
export function directoryTitle(provenance: string | null): string {
  return provenance === null ? "A directory that the API did not name" : directoryName(provenance);
}

/** What to do about the entries of one directory, for the person who runs it: two or three sentences. */
export function directoryAdvice(provenance: string | null): string {
  const place = provenance === null ? undefined : PLACES[provenance];
  const where = place ? `${place.system} (${place.path})` : "the directory itself";
  return (
    `Change name and primary address in ${where}; the directory's next sync brings them into the registry. ` +
    `In the Cloudflare dashboard only the secondary e-mail can be edited (${SECONDARY_EMAIL}).`
  );
}

/**
 * Where the wanted changes of one synced entry are made: `name, email: Microsoft Entra ID (arrives with the next sync)`.
 * Fields that have no place of change are named as such. `changes` null: not known which fields.
 */
export function whereToChange(provenance: string | null, changes: FieldChanges | null): string {
  const system =
    (provenance === null ? undefined : PLACES[provenance]?.system) ?? "the directory that the entry is synced from";
  const fields = changes === null ? ["name", "email"] : Object.keys(changes);
  const inDirectory = fields.filter((field) => field === "name" || field === "email");
  const nowhere = fields.filter((field) => field !== "name" && field !== "email");
  const parts: string[] = [];
  if (inDirectory.length > 0) parts.push(`${inDirectory.join(", ")}: ${system} (arrives with the next sync)`);
  if (inDirectory.includes("email")) parts.push(`a secondary e-mail: Cloudflare dashboard, ${SECONDARY_EMAIL}`);
  if (nowhere.length > 0) parts.push(`${nowhere.join(", ")}: can't be changed while the entry is synced`);
  return parts.join("; ");
}
