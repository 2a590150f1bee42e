import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { RequestError } from "../explained-error.ts";
import { fileTrouble } from "../file-trouble.ts";
import { makePrivateFolder, modeOfNewFile } from "./file-modes.ts";
import { TextWriter } from "./text-writer.ts";

/** The files that a rendering may write, and the only ones that it removes. */
export const REPORT_FILES = [
  "report.csv",
  "summary.json",
  "report.html",
  "failed.csv",
  "directory-synced.csv",
  "undo.csv",
] as const;
export type ReportFile = (typeof REPORT_FILES)[number];

const HOUR_MS = 3_600_000;

/**
 * Files that appear whole or not at all: each is written under a temporary name beside its place and takes its own name in
 * `publish`. Throws RequestError `report_not_written` with the file's name for whatever the disk refuses.
 */
export class PendingFiles {
  readonly #remedy: string;
  readonly #open = new Map<string, { temporary: string; stream: Writable }>();

  /** `remedy`: of the error, for whoever finds that the disk refuses. */
  constructor(remedy: string) {
    this.#remedy = remedy;
  }

  /** Writes into the file; `publish` ends it. */
  create(file: string): TextWriter {
    const temporary = join(dirname(file), `.${basename(file)}.${randomUUID().slice(0, 8)}.tmp`);
    const stream = createWriteStream(temporary, { flush: true, mode: modeOfNewFile(file) });
    this.#open.set(file, { temporary, stream });
    return new TextWriter(stream, (error) => notWritten(file, error, this.#remedy));
  }

  /** Ends every file and gives it its name. */
  async publish(): Promise<void> {
    for (const [file, { stream }] of this.#open) {
      stream.end();
      await finished(stream).catch((error: unknown) => {
        throw notWritten(file, error, this.#remedy);
      });
    }
    for (const [file, { temporary }] of this.#open) {
      await rename(temporary, file).catch((error: unknown) => {
        throw notWritten(file, error, this.#remedy);
      });
      this.#open.delete(file);
    }
  }

  /** Takes away what was not published. Safe to call after `publish`. */
  async discard(): Promise<void> {
    for (const { temporary, stream } of this.#open.values()) {
      stream.destroy();
      if (!stream.closed) await finished(stream).catch(ignore);
      await rm(temporary, { force: true }).catch(ignore); // why the report failed is what the caller has to hear
    }
    this.#open.clear();
  }
}

/** Makes the folder where it is missing, and removes what a rendering that was cut off left in it more than an hour ago. */
export async function prepareFolder(dir: string, remedy: string): Promise<void> {
  try {
    await makePrivateFolder(dir);
    for (const name of await readdir(dir)) {
      if (!REPORT_FILES.some((file) => name.startsWith(`.${file}.`) && name.endsWith(".tmp"))) continue;
      const path = join(dir, name);
      const found = await stat(path).catch(ignore); // a rendering beside this one may just have renamed it
      if (found && found.mtimeMs < Date.now() - HOUR_MS) await rm(path, { force: true });
    }
  } catch (error) {
    throw notWritten(dir, error, remedy);
  }
}

/**
 * Makes the folder where it is missing and tries whether a report can be written into it, so that this is known before a run
 * changes anything. Leaves nothing in it. Throws RequestError `report_not_written`.
 */
export async function assertWritable(dir: string): Promise<void> {
  const probe = join(dir, `.report.csv.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await makePrivateFolder(dir);
    await (await open(probe, "wx", modeOfNewFile(probe))).close();
    await rm(probe, { force: true });
    for (const file of REPORT_FILES) {
      const found = await stat(join(dir, file)).catch(ignore);
      if (found?.isDirectory()) throw Object.assign(new Error(`${file} is a folder`), { code: "EISDIR" });
    }
  } catch (error) {
    throw notWritten(dir, error, "Name a folder that you may write to with --report-dir. Nothing was changed yet.");
  }
}

/** Removes files of an earlier rendering that this one has no use for. */
export async function removeStale(dir: string, kept: readonly ReportFile[], remedy: string): Promise<void> {
  for (const file of REPORT_FILES) {
    if (kept.includes(file)) continue;
    const path = join(dir, file);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw notWritten(path, error, remedy);
    });
  }
}

/** The error for a file or folder that can't be written, with what to do about it. */
export function notWritten(path: string, cause: unknown, remedy: string): Error {
  const error = new RequestError(
    "report_not_written",
    `can't write the report to ${path}: ${fileTrouble(cause)}`,
    remedy,
  );
  error.cause = cause;
  return error;
}

/** What to do where the report of a run can't be written: its rows are kept, so it can be written later, or elsewhere. */
export function writeLater(runId: string): string {
  return (
    `The run itself is safe; \`bulkpatch report ${runId}\` writes its report at any time. ` +
    "Close the file where another program has it open, or name another folder with --out."
  );
}

function ignore(): void {}
