import type { UpdatableField } from "./entry.ts";

const NAMES: Record<string, string> = {
  "SNOOPY-OFFICE_365": "Microsoft 365 (Entra ID)",
  "SNOOPY-CASB_OFFICE_365": "Microsoft 365 (Entra ID, through CASB)",
  "SNOOPY-GOOGLE_DIRECTORY": "Google Workspace",
};

/** The directory that a `provenance` stands for, as its administrators call it; an unknown one by its own value. */
export function directoryName(provenance: string): string {
  return NAMES[provenance] ?? provenance;
}

/** Whether the directory of a synced entry holds the field; every other one, comments too, can't be changed anywhere while the entry is synced. */
export function isKeptInDirectory(field: UpdatableField): boolean {
  return field === "name" || field === "email";
}

/** Why a synced entry takes no update, and what of the wanted change its directory could make. */
export function explainSynced(provenance: string, fields: readonly UpdatableField[]): string {
  const synced = `synced from ${directoryName(provenance)}`;
  return fields.length === 0 || fields.some(isKeptInDirectory)
    ? `${synced}: change it there`
    : `${synced}: ${fields.join(", ")} can't be changed while it is`;
}
