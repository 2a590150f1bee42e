import { directoryName, isKeptInDirectory } from "../registry/directory.ts";
import type { UpdatableField } from "../registry/entry.ts";

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

/**
 * What to do about entries of one directory, for the person who runs it, in one to three sentences: where the wanted fields are
 * changed, and which can't be changed at all. `fields` empty: not known which are wanted. The page and directory-synced.csv say the same.
 */
export function directoryAdvice(provenance: string | null, fields: readonly UpdatableField[]): string {
  const place = provenance === null ? undefined : PLACES[provenance];
  const where = place ? `${place.system} (${place.path})` : "the directory itself";
  const isWanted = (field: UpdatableField): boolean => fields.length === 0 || fields.includes(field);
  const inDirectory = [isWanted("name") ? "name" : null, isWanted("email") ? "primary address" : null].filter(Boolean);
  const nowhere =
    fields.length === 0 ? ["comments and other fields"] : fields.filter((field) => !isKeptInDirectory(field));
  const sentences: string[] = [];
  if (inDirectory.length > 0) {
    const it = inDirectory.length === 1 ? "it" : "them";
    sentences.push(
      `Change ${inDirectory.join(" and ")} in ${where}; the directory's next sync brings ${it} into the registry.`,
    );
  }
  if (isWanted("email"))
    sentences.push(`In the Cloudflare dashboard only the secondary e-mail can be edited (${SECONDARY_EMAIL}).`);
  if (nowhere.length > 0) sentences.push(`Can't be changed while the entry is synced: ${nowhere.join(", ")}.`);
  return sentences.join(" ");
}
