import { accessSync, constants, mkdirSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { BackendError } from "../backend-error.ts";
import { fileTrouble } from "../../file-trouble.ts";

/**
 * Makes the folder where there is none, and answers its real path, by which it is the same folder for every process. Throws
 * BackendError where it can't be written.
 */
export function makeFolder(folder: string): string {
  const dataDir = resolve(folder);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    return realpathSync(dataDir);
  } catch (error) {
    throw new BackendError(
      "folder_unwritable",
      `The folder ${dataDir} can't be written (${fileTrouble(error)})`,
      "Name a folder of your own with BULKPATCH_DATA_DIR",
      error,
    );
  }
}
