import { z } from "zod";
import type { ReadOptions } from "../../changes/source.ts";
import { RequestError } from "../../explained-error.ts";
import type { LintOptions } from "../../plan/lint/lint.ts";
import { type MaxChanges, parseMaxChanges } from "../../runs/safety-limit.ts";

const Flag = z.union([z.boolean(), z.stringbool()]);
const Count = z.coerce.number().int().min(0).max(1_000_000_000);
const Pairs = z.record(z.string().max(500), z.string().max(500));

/** What can be said about how a file is to be read and carried out; as the command line's flags. */
export const PlanOptions = z.strictObject({
  map: Pairs.optional().describe('{"Their Header": "email"}'),
  where: Pairs.optional().describe('only rows with these values: {"Department": "Finance"}'),
  delimiter: z.string().min(1).max(20).optional(),
  encoding: z.string().max(40).optional(),
  sheet: z.string().max(100).optional(),
  header_row: Count.min(1).optional().describe("number of the row that is the header"),
  skip: Count.optional(),
  limit: Count.optional(),
  strict: Flag.optional().describe("reject rows with a warning instead of sending them"),
  allow_domains: z.array(z.string().max(253)).max(1_000).optional(),
  max_changes: z.string().max(20).optional().describe("halt instead of updating more entries: 200 or 30%"),
  check_again: Flag.optional().describe("look at each entry just before its change"),
});

export interface ReadPlanOptions {
  read: ReadOptions;
  lint: LintOptions;
  maxChanges: MaxChanges | null;
  checkAgain: boolean;
}

/** Reads a form's fields: `options` as JSON, or each option as a field of its own. Throws RequestError `request_invalid`. */
export function readPlanOptions({ options, ...fields }: Record<string, string>): ReadPlanOptions {
  const checked = PlanOptions.safeParse({ ...fields, ...parseJson(options) });
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw invalid(`${issue!.path.join(".") || "options"}: ${issue!.message}`);
  }
  const { strict, allow_domains, max_changes, check_again, header_row: headerRow, ...read } = checked.data;
  const maxChanges = max_changes === undefined ? null : parseMaxChanges(max_changes);
  if (max_changes !== undefined && maxChanges === null)
    throw invalid(`max_changes: expected a number of entries or a share such as 30%, found "${max_changes}"`);
  return {
    read: { ...read, ...(headerRow !== undefined && { headerRow }) },
    lint: { strict: strict === true, allowDomains: allow_domains ?? [] },
    maxChanges,
    checkAgain: check_again === true,
  };
}

function parseJson(text: string | undefined): object {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // said below
  }
  throw invalid("options: expected a JSON object");
}

function invalid(message: string): RequestError {
  return new RequestError("request_invalid", message, "correct it, then send the file again");
}
