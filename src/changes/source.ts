import type { SourceRow } from "./change.ts";

/** How to read a spreadsheet; everything left out is detected. */
export interface ReadOptions {
  /** `"Their Header" → field`, from `--map`. */
  map?: Record<string, string>;
  delimiter?: string;
  encoding?: string;
  /** Sheet name or 1-based number of an .xlsx. */
  sheet?: string;
  /** The number of the row that is the header, as the spreadsheet shows it; found among the first twenty when left out. */
  headerRow?: number;
  /** `column → value` from `--where`, compared without regard to case and outer spaces; rows that differ are left out. */
  where?: Record<string, string>;
  /** Leave out the first N data rows. */
  skip?: number;
  /** Read at most N data rows. */
  limit?: number;
  /** Also read an https address inside a private range (the company's own network). Default false. */
  allowPrivateAddress?: boolean;
}

/** A spreadsheet that is open and whose header is understood; its rows can be read once. */
export interface Source {
  /** The file's name without folders, or `standard input`. */
  name: string;
  /** Absolute path or https address; null where there is none to come back to (standard input, an address with a query that may be a key). */
  path: string | null;
  /** The file's own headers, as written, in order. */
  header: string[];
  /** What was decided without being asked and the reader should know (encoding, columns that look like a known one), a sentence each. More may come while rows are read. */
  notes: string[];
  /** The rows, streamed; may be called once. Throws SourceError when the file breaks off in a way that no row can answer for (e.g. an unclosed quote). */
  rows(): AsyncIterable<SourceRow>;
  /** SHA-256 of the file's bytes, hex; known once `rows()` has ended. */
  sha256(): string;
  close(): Promise<void>;
}

/** The file itself can't be used: one line that names the file, what was expected, what was found and what to do. Exit code 1. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  /** `file_not_found`, `file_empty`, `no_header`, … stable, for `--json`. */
  readonly code: string;
  readonly remedy: string;
  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
