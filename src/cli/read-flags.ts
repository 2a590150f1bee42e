import { readFileSync } from "node:fs";
import { domainToASCII } from "node:url";
import type { Command } from "commander";
import { ENCODINGS } from "../changes/encoding/names.ts";
import { parseMapping } from "../changes/mapping.ts";
import type { ReadOptions } from "../changes/source.ts";
import type { LintOptions } from "../plan/lint/lint.ts";
import { wholeNumber } from "./number-flags.ts";
import { UsageError } from "./usage-error.ts";
import { fileTrouble } from "../file-trouble.ts";

/** Flags that say how to read a spreadsheet. */
export interface ReadFlags {
  map?: string[];
  mapFile?: string;
  allowPrivateAddress?: boolean;
  delimiter?: string;
  encoding?: string;
  sheet?: string;
  headerRow?: string;
  where?: string[];
  skip?: string;
  limit?: string;
}

export function addReadFlags(command: Command): Command {
  return command
    .optionsGroup("How the spreadsheet is read:")
    .option("--map <header=field>", 'what a column means, e.g. --map "Work Mail=email"; may be given again', collect)
    .option("--map-file <file>", 'saved mappings, JSON like {"Work Mail": "email"}; --map wins over it')
    .option(
      "--delimiter <character>",
      "between cells: comma, semicolon, tab, pipe, or the character (default: detected)",
    )
    .option("--encoding <name>", `of a text file (default: detected): ${ENCODINGS.join(", ")}`)
    .option("--sheet <name>", "sheet of an .xlsx, by name or number (default: the one that has the columns)")
    .option("--header-row <n>", "the row that is the header (default: found among the first twenty)")
    .option(
      "--where <column=value>",
      'only rows with this value, e.g. --where "Department=Finance"; may be given again',
      collect,
    )
    .option("--skip <n>", "leave out the first N rows")
    .option("--limit <n>", "read N rows at the most")
    .option("--allow-private-address", "also read an https source inside a private network");
}

/** Flags about what is expected of new addresses. */
export interface LintFlags {
  strict?: boolean;
  allowDomain?: string[];
}

export function addLintFlags(command: Command): Command {
  return command
    .optionsGroup("Checks of the rows:")
    .option("--strict", "reject rows with a warning instead of sending them")
    .option("--allow-domain <domain>", "expect addresses in this domain, too; may be given again", collect);
}

/** Throws UsageError. */
export function lintOptionsOf({ strict = false, allowDomain = [] }: LintFlags): LintOptions {
  const wrong = allowDomain.find((text) => !text.includes(".") || domainToASCII(text) === "");
  if (wrong === undefined) return { strict, allowDomains: allowDomain };
  throw new UsageError(
    `--allow-domain: expected a domain, found ${JSON.stringify(wrong)}`,
    "write it like --allow-domain partner.example",
  );
}

/** Throws UsageError. */
export function readOptionsOf(flags: ReadFlags): ReadOptions {
  return {
    // a header may hold "=", a field can't; a column's value may
    map: {
      ...(flags.mapFile === undefined ? {} : readMapping(flags.mapFile)),
      ...pairs("--map", flags.map, 'like --map "Their Header=email"', (text) => text.lastIndexOf("=")),
    },
    where: pairs("--where", flags.where, 'like --where "Department=Finance"', (text) => text.indexOf("=")),
    allowPrivateAddress: flags.allowPrivateAddress,
    delimiter: flags.delimiter,
    encoding: flags.encoding,
    sheet: flags.sheet,
    headerRow: wholeNumber("--header-row", flags.headerRow),
    skip: wholeNumber("--skip", flags.skip),
    limit: wholeNumber("--limit", flags.limit),
  };
}

function readMapping(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `--map-file: ${file} can't be read (${fileTrouble(error)})`,
      "name a JSON file that you may read",
    );
  }
  return parseMapping(file, text);
}

function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

function pairs(
  flag: string,
  texts: string[] | undefined,
  like: string,
  cutAt: (text: string) => number,
): Record<string, string> | undefined {
  if (!texts) return undefined;
  const entries = texts.map((text): [string, string] => {
    const cut = cutAt(text);
    if (cut < 1) throw new UsageError(`${flag}: expected NAME=VALUE, found "${text}"`, `write it ${like}`);
    return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  });
  return Object.fromEntries(entries);
}
