import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RequestError } from "./explained-error.ts";
import { fileTrouble } from "./file-trouble.ts";

/** A new folder for temporary files, which only this user can read. The caller removes it. Throws RequestError `temporary_unwritable`. */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  return await mkdtemp(join(tmpdir(), prefix)).catch((error: unknown) => {
    throw explainTemporary(error);
  });
}

/** For a temporary file that can't be written: where, why, and what to do. */
export function explainTemporary(error: unknown): RequestError {
  return new RequestError(
    "temporary_unwritable",
    `temporary files can't be written in ${tmpdir()} (${fileTrouble(error)})`,
    "make room or a folder there, or name another one with TMPDIR",
  );
}
