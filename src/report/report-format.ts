import { basename, extname } from "node:path";

export const REPORT_FORMATS = ["csv", "json", "html", "failed", "directory-synced", "undo"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const NAMED: Record<string, ReportFormat> = {
  "failed.csv": "failed",
  "directory-synced.csv": "directory-synced",
  "undo.csv": "undo",
};

const ENDINGS: Record<string, ReportFormat> = { ".csv": "csv", ".json": "json", ".html": "html", ".htm": "html" };

/** The form that a file's name asks for: one of the report's own names, or its ending; null where it says nothing. */
export function formatOfName(path: string): ReportFormat | null {
  return NAMED[basename(path).toLowerCase()] ?? ENDINGS[extname(path).toLowerCase()] ?? null;
}
