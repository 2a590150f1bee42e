import type { RowWarning } from "../../changes/change.ts";
import { countOf } from "../../wording.ts";
import { type Domain, parseDomain, showDomain } from "./domain.ts";
import { isFreeMail } from "./free-mail.ts";
import type { KnownDomains } from "./known-domains.ts";
import { literalDomain, matchesAnyDomain, matchesEverything } from "./pattern.ts";
import { strangeMixOf } from "./skeleton.ts";

/*
 * An address on the registry is one that is trusted to be that person. These are the ways in which a row may put a wrong one
 * there, by mistake or because somebody meant it. Each rule is about the address as the entry will have it.
 */

export interface LintOptions {
  /** Rows with a warning are rejected as invalid. */
  strict: boolean;
  /** Domains that are expected though no entry has them yet. */
  allowDomains: readonly string[];
}

/** Warnings reject nothing, and only the registry's own domains are expected. */
export const NO_LINT_OPTIONS: LintOptions = { strict: false, allowDomains: [] };

/** An address that a row would put on the registry. */
export interface NewAddress {
  email: string;
  isRegex: boolean;
}

/** What addresses of one plan are held against. */
export interface LintContext {
  known: KnownDomains;
  /** What was found of domains so far, by the text behind the `@`: most rows share a few. */
  seen: Map<string, RowWarning[]>;
  /** The whole registry was listed: a domain that is not known is new. */
  isWhole: boolean;
}

/** What a person should look at first about a new address; most often nothing. */
export function lintAddress({ email, isRegex }: NewAddress, context: LintContext): RowWarning[] {
  if (!isRegex) return [...lintPlain(email), ...lintDomainOnce(email.slice(email.lastIndexOf("@") + 1), context)];
  const literal = literalDomain(email);
  return [...lintPattern(email, literal), ...(literal === null ? [] : lintDomainOnce(literal, context))];
}

function lintPlain(email: string): RowWarning[] {
  const local = email.slice(0, email.lastIndexOf("@"));
  if (!/[*^|?{}$]|\.\+/.test(local)) return [];
  return [
    warning(
      "looks_like_regex",
      `the address ${email} looks like a regular expression, but is_email_regex is not set: it would fit no sender`,
    ),
  ];
}

function lintPattern(pattern: string, literal: string | null): RowWarning[] {
  if (/^[\w.+%'-]+@[\w.-]+$/.test(pattern)) {
    return [
      warning(
        "regex_is_plain_address",
        `is_email_regex is set, but ${pattern} is a plain address: as an expression, each dot in it stands for any character`,
      ),
    ];
  }
  // What names one domain, and has no other branch, fits nothing else.
  if (literal !== null && !pattern.includes("|")) return [];
  if (matchesEverything(pattern)) {
    return [
      warning("regex_matches_everything", `the expression ${pattern} fits every address: it would trust any sender`),
    ];
  }
  if (matchesAnyDomain(pattern)) {
    return [
      warning(
        "regex_any_domain",
        `the expression ${pattern} fits addresses of any domain: it would trust senders from outside`,
      ),
    ];
  }
  return [];
}

/** Domains that are remembered. */
const MOST_SEEN = 10_000;

function lintDomainOnce(text: string, context: LintContext): RowWarning[] {
  let warnings = context.seen.get(text);
  if (warnings === undefined) {
    warnings = lintDomain(parseDomain(text), context);
    if (context.seen.size < MOST_SEEN) context.seen.set(text, warnings);
  }
  return warnings;
}

/** The most telling one. Where no entry was looked at, nothing can be said. */
function lintDomain(domain: Domain | null, { known, isWhole }: LintContext): RowWarning[] {
  if (domain === null || known.isEmpty || known.has(domain)) return [];
  const shown = showDomain(domain);
  const lookalike = known.lookalikeOf(domain);
  if (lookalike !== null) {
    const entries = known.entriesOf(lookalike);
    const who = entries > 0 ? `which ${countOf(entries, "entry has", "entries have")}` : "which was allowed";
    return [warning("lookalike_domain", `the domain ${shown} looks like ${lookalike}, ${who}`)];
  }
  const mix = domain.unicode
    .split(".")
    .map(strangeMixOf)
    .find((scripts) => scripts !== null);
  if (mix) return [warning("mixed_script_domain", `the domain ${shown} mixes letters of ${mix.join(" and ")}`)];
  const unseen = isWhole ? "no entry has it yet" : "no entry that was looked at has it";
  if (isFreeMail(domain.ascii)) {
    return [warning("free_mail_domain", `anybody gets an address at the domain ${shown}, and ${unseen}`)];
  }
  return isWhole ? [warning("external_domain", `the domain ${shown} is new: ${unseen}`)] : [];
}

function warning(code: string, message: string): RowWarning {
  return { code, message };
}
