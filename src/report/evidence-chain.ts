import { link, mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { RequestError } from "../explained-error.ts";
import { fileTrouble } from "../file-trouble.ts";
import type { EvidenceHead } from "./evidence.ts";
import { writePrivateFile } from "./private-file.ts";
import { readSealed, type SealedFile } from "./seal.ts";

/** `0007-run-2026-11-24-brave-otter.json` */
const NAME = /^(\d{4,})-.*\.json$/;

const previousSchema = z.object({ file: z.string().regex(NAME), sha256: z.string() }).nullable();

/**
 * Writes the next evidence file of a folder, which is made where it is missing; the file names the one before it with its
 * sha256. Answers its path. Throws RequestError `evidence_altered` where the one before is not as it was written.
 *
 * Any number of processes may do so at once: whoever is first takes the number, in one atomic step with the whole file, and the
 * others make theirs again with the next one. A file whose writer was killed before it had its name gets it from the next writer.
 */
export async function addEvidence(
  folder: string,
  name: string,
  who: Pick<EvidenceHead, "now" | "by">,
  render: (head: EvidenceHead) => AsyncIterable<string>,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const last = await lastOf(folder);
    const previous = last === null ? null : { file: last, sha256: (await readIntact(join(folder, last))).sha256 };
    const number = last === null ? 1 : numberOf(last) + 1;
    const file = `${padded(number)}-${name}.json`;
    const next = nextOf(folder, number);
    try {
      await writePrivateFile(next, { force: false }, render({ ...who, number, file, previous }));
    } catch (error) {
      if (error instanceof RequestError && error.code === "file_exists") continue; // somebody else was faster
      throw error;
    }
    // Slower than several others, it may have taken a number whose file has its name already.
    if ((await namesIn(folder)).some((one) => numberOf(one) >= number)) await rm(next, { force: true });
    else {
      await giveName(folder, number, file);
      return join(folder, file);
    }
  }
}

/** The name of the folder's last file, which gets it here where its writer did not live to give it; null: there is none. */
async function lastOf(folder: string): Promise<string | null> {
  const last = (await namesIn(folder)).at(-1) ?? null;
  const number = last === null ? 1 : numberOf(last) + 1;
  const next = nextOf(folder, number);
  if (!(await readdir(folder)).includes(basename(next))) return last;
  const unnamed = await readIntact(next).catch((error: RequestError) => {
    if ((error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return null;
    throw error;
  });
  // Its writer gave it its name meanwhile.
  if (unnamed === null) return await lastOf(folder);
  const file = fieldOf(next, unnamed, "file", z.string().regex(NAME));
  await giveName(folder, number, file);
  return file;
}

/** Safe to repeat, and to do in two processes at once. */
async function giveName(folder: string, number: number, file: string): Promise<void> {
  const next = nextOf(folder, number);
  await link(next, join(folder, file)).catch((error: NodeJS.ErrnoException) => {
    // It has its name already: another process gave it.
    if (error.code !== "EEXIST" && error.code !== "ENOENT") throw error;
  });
  await rm(next, { force: true });
}

/** Of the evidence files of a folder, in their order. */
async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => NAME.test(file)).toSorted(byNumber);
}

function nextOf(folder: string, number: number): string {
  return join(folder, `.${padded(number)}.next`);
}

function padded(number: number): string {
  return String(number).padStart(4, "0");
}

/** What a check of an evidence file found; a file that was changed is an error. */
export interface EvidenceCheck {
  file: string;
  sha256: string;
  /** The files before it that are here and as they were written, the nearest first. */
  before: string[];
  /** The file at which the chain breaks off because it is not here; null where it was followed to the first. */
  missing: string | null;
}

/** Checks an evidence file and those before it, as far as they lie beside it. Throws RequestError `evidence_altered`, `evidence_unreadable`. */
export async function checkEvidence(path: string): Promise<EvidenceCheck> {
  const file = await readIntact(path);
  const folder = dirname(path);
  const present = new Set(await readdir(folder));
  const before: string[] = [];
  for (let previous = previousOf(path, file); previous !== null;) {
    if (!present.has(previous.file)) {
      return { file: basename(path), sha256: file.sha256, before, missing: previous.file };
    }
    const earlier = join(folder, previous.file);
    const found = await readIntact(earlier);
    if (found.sha256 !== previous.sha256) throw altered(earlier, "found another than the file after it names");
    before.push(previous.file);
    previous = previousOf(earlier, found);
  }
  return { file: basename(path), sha256: file.sha256, before, missing: null };
}

async function readIntact(path: string): Promise<SealedFile> {
  const file = await readSealed(path).catch((error: unknown) => {
    throw new RequestError(
      "evidence_unreadable",
      `${path}: the evidence file can't be read (${fileTrouble(error)})`,
      "name a file that `bulkpatch evidence` wrote, and that you may read",
      { cause: error },
    );
  });
  if (!file.intact) throw altered(path, "found that some were changed since");
  return file;
}

function previousOf(path: string, file: SealedFile): { file: string; sha256: string } | null {
  return fieldOf(path, file, "previous", previousSchema);
}

/** A field of the file's first lines. */
function fieldOf<T>(path: string, { start }: SealedFile, name: string, schema: z.ZodType<T>): T {
  const text = new RegExp(`^ {2}"${name}": (.*),$`, "m").exec(start)?.[1];
  if (text !== undefined) return schema.parse(JSON.parse(text));
  throw new RequestError(
    "evidence_form",
    `${path}: expected an evidence file, found something else`,
    "make one with `bulkpatch evidence RUN`",
  );
}

function altered(path: string, found: string): RequestError {
  return new RequestError(
    "evidence_altered",
    `${path}: expected the bytes as they were written, ${found}`,
    "take the file from where a copy is kept; this one proves nothing",
  );
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)![1]);
}

function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}
