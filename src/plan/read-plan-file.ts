import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { readSealed } from "../report/seal.ts";
import { PlanDigest } from "./digest.ts";
import { PlanFileError } from "./plan-file-error.ts";
import { PLAN_FILE_FORM, planFileHead, type PlanFileHead, type PlanFileRow, planFileRow } from "./plan-file.ts";
import { fileTrouble } from "../file-trouble.ts";

const PIECE = 64 * 1024;
/** Characters; a file that has no rows by then is something else. */
const MOST_OF_HEAD = 4 * 1024 * 1024;

/** A plan file that is as it was written. */
export interface PlanFile extends PlanFileHead {
  path: string;
  digest: string;
  /** Its rows, streamed; may be called again. */
  rows(): AsyncIterable<PlanFileRow>;
}

/**
 * Reads a plan file once and checks it. Throws PlanFileError `plan_file_unreadable`, `plan_file_form` for what is no plan file,
 * `plan_file_version` for one of another version, and `plan_file_altered` where a byte of it is not what was written.
 */
export async function openPlanFile(path: string): Promise<PlanFile> {
  const { head, digest } = await check(path);
  return {
    ...head,
    path,
    digest,
    async *rows() {
      for await (const line of linesOf(path)) if (line.startsWith("    {")) yield parseRow(path, line);
    },
  };
}

async function check(path: string): Promise<{ head: PlanFileHead; digest: string }> {
  const { intact } = await readSealed(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  let headText = "";
  let head: PlanFileHead | null = null;
  let computed: PlanDigest | null = null;
  let digest: string | null = null;
  for await (const line of linesOf(path)) {
    if (head === null) {
      if (line === '  "rows": [') {
        head = parseHead(path, headText);
        computed = new PlanDigest(head.source.sha256);
      }
      headText += `${line}\n`;
      if (headText.length > MOST_OF_HEAD) break;
    } else if (line.startsWith("    {")) {
      const row = parseRow(path, line);
      computed!.add({
        row: row.row,
        cells: row.cells,
        entryId: row.impersonation_registry_id,
        changes: row.changes,
        result: row.outcome === "update" ? null : { outcome: row.outcome },
      });
    } else digest ??= /^ {2}"digest": "([0-9a-f]{64})",$/.exec(line)?.[1] ?? null;
  }
  if (head === null) throw notAPlan(path);
  if (!intact || digest === null || computed?.hex() !== digest) throw altered(path);
  return { head, digest };
}

function parseHead(path: string, text: string): PlanFileHead {
  const json = parseJson(`${text.trimEnd().replace(/,$/, "")}}`);
  const form = (json as { bulkpatch_plan?: unknown } | null)?.bulkpatch_plan;
  if (typeof form === "number" && form !== PLAN_FILE_FORM) {
    throw new PlanFileError(
      "plan_file_version",
      `${path}: expected a plan file of form ${PLAN_FILE_FORM}, found form ${form}`,
      { path },
    );
  }
  const head = planFileHead.safeParse(json);
  if (head.success) return head.data;
  throw form === undefined ? notAPlan(path) : altered(path);
}

function parseRow(path: string, line: string): PlanFileRow {
  const row = planFileRow.safeParse(parseJson(line.trim().replace(/,$/, "")));
  if (row.success) return row.data;
  throw altered(path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function altered(path: string): PlanFileError {
  return new PlanFileError(
    "plan_file_altered",
    `${path}: expected the plan as it was written, found that the file was changed since`,
    { path },
  );
}

function notAPlan(path: string): PlanFileError {
  return new PlanFileError("plan_file_form", `${path}: expected a plan file, found something else`, { path });
}

function unreadable(path: string, cause: unknown): PlanFileError {
  return new PlanFileError("plan_file_unreadable", `${path}: the plan file can't be read (${fileTrouble(cause)})`, {
    path,
  });
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const buffer = Buffer.allocUnsafe(PIECE);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE);
      if (bytesRead === 0) break;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    await file.close();
  }
}
