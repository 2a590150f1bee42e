import { domainToASCII } from "node:url";
import { Refusal } from "./refusal.ts";
import { refuseLine } from "./text.ts";
import { codePoint, show } from "./show.ts";

const EXPECTED = "one e-mail address";

/** Plain ASCII addresses, nearly all there are: dot-atom, `@`, two labels or more. Source: RFC 5321, 4.1.2. */
const ASCII_ADDRESS =
  /^(?=.{1,254}$)[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]{0,61}[a-z\d]$/i;

/** Nothing in it that is disguised or does not show. */
const PLAIN = /^[ -~]*$/;

/** The marks of a regular expression that no address has: an anchor at an end, `.*`, `.+`, an escaped dot. */
const LIKE_A_PATTERN = /^\^|\$$|\.[*+]|\\[.@]/;

/** What an address beyond ASCII may have before the `@`. Source: RFC 6531, 3.3. */
const UNICODE_LOCAL =
  /^[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}\p{S}]+(?:\.[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{M}\p{N}\p{S}]+)*$/u;

/** Characters that programs put in by themselves, and what they stand for. */
const DISGUISED: [RegExp, string][] = [
  [/[\u2018\u2019\u201a\u201b\u2032]/u, "a curly apostrophe; type a straight one"],
  [/[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033]/u, "a curly quotation mark; delete it"],
  [
    /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/u,
    "an invisible character; delete it",
  ],
  [/[\u2010-\u2015\u2212]/u, "a typographic dash; type a plain hyphen"],
  [/[\uff01-\uff5e]/u, "a full-width character; type a plain one"],
];

/**
 * One e-mail address, kept as written; also beyond ASCII (SMTPUTF8, internationalised domains).
 * @param cell trimmed, not empty
 */
export function parseEmailAddress(cell: string): string | Refusal {
  const at = cell.indexOf("@");
  if (at <= 64 && cell.indexOf("@", at + 1) < 0 && ASCII_ADDRESS.test(cell)) return cell;
  if (LIKE_A_PATTERN.test(cell))
    return new Refusal(EXPECTED, cell, "if it is a regular expression, say so: true in a column is_email_regex");
  const refusal = PLAIN.test(cell) ? null : (refuseLine(EXPECTED, cell) ?? refuseDisguised(cell));
  return refusal ?? refuseShape(cell) ?? refuseParts(cell) ?? cell;
}

function refuseDisguised(cell: string): Refusal | null {
  for (const [pattern, what] of DISGUISED) {
    const match = pattern.exec(cell);
    if (match !== null) {
      const position = Array.from(cell.slice(0, match.index)).length + 1;
      return new Refusal(EXPECTED, cell, `at position ${position} is ${codePoint(match[0])}, ${what}`);
    }
  }
  return null;
}

/**
 * The one address in a link or beside a name, as mail programs copy them: `mailto:x`, `Name <x>`; null where the cell is nothing like that.
 * @param cell trimmed, not empty
 */
export function addressWithin(cell: string): string | null {
  if (!cell.includes("<") && !cell.includes(":")) return null;
  const inBrackets = /^[^<>@]*<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>$/i.exec(cell);
  const inLink = /^mailto:([^?\s]+)(?:\?.*)?$/i.exec(cell);
  return (inBrackets ?? inLink)?.[1] ?? null;
}

/** Several addresses, an address with a name around it, none at all. */
function refuseShape(cell: string): Refusal | null {
  const ats = countAts(cell);
  if (ats === 0) return new Refusal(EXPECTED, cell, "there is no @");
  const inBrackets = ats === 1 ? /<([^<>]+@[^<>]+)>/.exec(cell) : null;
  if (inBrackets !== null) return new Refusal(EXPECTED, cell, `write only ${show(inBrackets[1]!.trim())}`);
  if (ats > 1 && /[,;|/\s]/.test(cell))
    return new Refusal(
      EXPECTED,
      cell,
      `${ats} addresses; the API takes one for each entry, so keep one here and give each other its own row`,
    );
  if (ats > 1) return new Refusal(EXPECTED, cell, `${ats} times @`);
  if (/^mailto:/i.test(cell)) return new Refusal(EXPECTED, cell, `delete "mailto:"`);
  if (/\s/.test(cell)) return new Refusal(EXPECTED, cell, "there is a space in it");
  return null;
}

function countAts(cell: string): number {
  let count = 0;
  for (let at = cell.indexOf("@"); at >= 0; at = cell.indexOf("@", at + 1)) count += 1;
  return count;
}

/** The part before the @, and the domain. */
function refuseParts(cell: string): Refusal | null {
  const at = cell.indexOf("@");
  const local = cell.slice(0, at);
  const domain = cell.slice(at + 1);
  if (local === "") return new Refusal(EXPECTED, cell, "nothing before the @");
  if (domain === "") return new Refusal(EXPECTED, cell, "nothing behind the @");
  if (Buffer.byteLength(local) > 64) return new Refusal(EXPECTED, cell, "more than 64 bytes before the @");
  if (!UNICODE_LOCAL.test(local)) return new Refusal(EXPECTED, cell, `${show(local)} can't stand before the @`);
  if (domain.includes(",")) return new Refusal(EXPECTED, cell, "a comma in the domain, where a dot is meant");
  if (!domain.includes(".")) return new Refusal(EXPECTED, cell, "the domain has no dot");
  const asciiDomain = domainToASCII(domain);
  if (!ASCII_ADDRESS.test(`x@${asciiDomain}`))
    return new Refusal(EXPECTED, cell, `${show(domain)} is not a domain name`);
  if (Buffer.byteLength(local) + 1 + asciiDomain.length > 254)
    return new Refusal(EXPECTED, cell, "more than 254 characters");
  return null;
}
