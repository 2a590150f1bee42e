import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { FastifyRequest } from "fastify";
import { RequestError } from "../../explained-error.ts";
import { formatCount } from "../../wording.ts";

const MIB = 1024 * 1024;
/** What an upload may have by default: a spreadsheet of a million rows has about half of it. */
export const MOST_BYTES = 200 * MIB;

export interface Upload {
  /** Where it lies, under a name that says what it was called. */
  path: string;
  /** As the sender's machine called it, without folders. */
  name: string;
  /** The form's other fields; those that were empty are left out. */
  fields: Record<string, string>;
}

/**
 * Writes the one file of a multipart request into a folder of its own inside `folder`, as it arrives. Throws RequestError
 * `upload_too_large`, `upload_missing`, `upload_not_understood`.
 */
export async function receiveUpload(request: FastifyRequest, folder: string, most: number): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new RequestError(
      "upload_not_understood",
      "expected a form with a file (multipart/form-data)",
      "send the spreadsheet as the field `file`",
    );
  }
  const fields: Record<string, string> = {};
  let file: { path: string; name: string } | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") {
        if (typeof part.value === "string" && part.value.trim() !== "") fields[part.fieldname] = part.value;
      } else if (part.filename === "" || part.filename === undefined) {
        part.file.resume(); // a form whose file was not chosen
      } else {
        const own = join(folder, randomUUID());
        await mkdir(own, { mode: 0o700 });
        file = { path: join(own, safeName(part.filename)), name: part.filename };
        await pipeline(part.file, createWriteStream(file.path, { mode: 0o600 }));
        if (part.file.truncated) throw tooLarge(most);
      }
    }
  } catch (error) {
    if (file !== null) await rm(dirname(file.path), { recursive: true, force: true });
    throw (error as { statusCode?: number }).statusCode === 413 ? tooLarge(most) : error;
  }
  if (file === null)
    throw new RequestError(
      "upload_missing",
      "no file was chosen",
      "choose a spreadsheet (.csv or .xlsx), then try again",
    );
  return { ...file, name: bareName(file.name), fields };
}

function tooLarge(most: number): RequestError {
  return new RequestError(
    "upload_too_large",
    `the file is larger than ${formatCount(most)} bytes`,
    "split it, or run it with the command line, which has no limit",
  );
}

/** The last part of a path, whichever way its slashes lean. */
function bareName(name: string): string {
  return name.split(/[/\\]/).at(-1)!.trim().slice(0, 200) || "upload";
}

/** A file name that stays in its folder, and still says to a reader which file it was. */
function safeName(name: string): string {
  return (
    bareName(name)
      .replaceAll(/[^\p{L}\p{N} ._()-]/gu, "_")
      .replace(/^\.+/, "_")
      .slice(-100) || "upload"
  );
}
