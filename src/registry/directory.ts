const NAMES: Record<string, string> = {
  "SNOOPY-OFFICE_365": "Microsoft 365 (Entra ID)",
  "SNOOPY-CASB_OFFICE_365": "Microsoft 365 (Entra ID, through CASB)",
  "SNOOPY-GOOGLE_DIRECTORY": "Google Workspace",
};

/** The directory that a `provenance` stands for, as its administrators call it; an unknown one by its own value. */
export function directoryName(provenance: string): string {
  return NAMES[provenance] ?? provenance;
}
