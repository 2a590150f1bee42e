import { randomUUID } from "node:crypto";
import { access, constants, link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RequestError } from "../explained-error.ts";
import { modeOfNewFile } from "./file-modes.ts";
import { fileTrouble } from "../file-trouble.ts";

/** Characters that are gathered for one write. */
const PIECE = 64 * 1024;

export interface PrivateFileOptions {
  /** Replace a file of this name. */
  force: boolean;
}

/**
 * Throws RequestError `file_exists` where the file is there and is not to be replaced, and `file_not_written` where its folder can't be
 * written: asked before work that may take a while.
 */
export async function assertFree(path: string, { force }: PrivateFileOptions): Promise<void> {
  if (!force && (await stat(path).catch(() => null)) !== null) throw taken(path);
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw notWritten(path, error);
  });
}

/**
 * Writes a file that only its owner may read (unless its folder is shared with a group). It appears whole or not at all; memory does not grow with it. Throws RequestError
 * `file_exists` and `file_not_written`, and whatever `pieces` throws.
 */
export async function writePrivateFile(
  path: string,
  options: PrivateFileOptions,
  pieces: AsyncIterable<string> | Iterable<string | Uint8Array>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    const file = await open(temporary, "wx", modeOfNewFile(path)).catch((error: unknown) => {
      throw notWritten(path, error);
    });
    try {
      let pending = "";
      const write = async (data: string | Uint8Array): Promise<void> => {
        await file.writeFile(data).catch((error: unknown) => {
          throw notWritten(path, error);
        });
      };
      for await (const piece of pieces) {
        if (typeof piece !== "string") {
          await write(piece);
          continue;
        }
        pending += piece;
        if (pending.length < PIECE) continue;
        await write(pending);
        pending = "";
      }
      await write(pending);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, unlike a renaming, leaves a file alone that appeared meanwhile.
    await (options.force ? rename(temporary, path) : link(temporary, path)).catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? taken(path) : notWritten(path, error);
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

function taken(path: string): RequestError {
  return new RequestError("file_exists", `${path} is there already`, "name another file, or add --force to replace it");
}

function notWritten(path: string, cause: unknown): RequestError {
  return new RequestError(
    "file_not_written",
    `${path} can't be written (${fileTrouble(cause)})`,
    "name a file in a folder that you may write to",
  );
}
