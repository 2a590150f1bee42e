import { RE2JS } from "re2js";

/** Domains that have nothing to do with each other or with anybody: an expression that takes two of them takes any. */
const UNRELATED = ["com", "net", "org", "io", "example", "de", "co.uk", "ru"].flatMap((suffix) => [
  `qx7-unrelated.${suffix}`,
  `zk93.${suffix}`,
  `mail.w0v8.${suffix}`,
]);

const ANYBODY = ["q7x.k3v@zk93.net", "zy@qx7-unrelated.de", "0@w0v8.org"];

/** True for an expression that takes addresses which have nothing in common. */
export function matchesEverything(pattern: string): boolean {
  return ANYBODY.every(matcherOf(pattern));
}

/** True for an expression of which some branch takes the right name at more than one domain. */
export function matchesAnyDomain(pattern: string): boolean {
  const domains = domainParts(pattern);
  if (domains.length === 0) return /(?:\.|\\[SwW]|\[\^[^\]]*\])[*+]\??\)*\$?$/.test(pattern);
  return domains.some((domain) => UNRELATED.filter(matcherOf(domain)).length > 1);
}

/** The domain of an expression that names just one: `corp.example` of `^ada(\+.*)?@corp\.example$`. */
export function literalDomain(pattern: string): string | null {
  const domains = domainParts(pattern);
  const [domain] = domains;
  if (domains.length !== 1 || domain === undefined || !/^(?:[a-z\d-]|\\\.|\.)+$/i.test(domain)) return null;
  return domain.replaceAll("\\.", ".").toLowerCase();
}

/** What follows each literal `@`, up to the end of its branch or group. */
function domainParts(pattern: string): string[] {
  const parts: string[] = [];
  const scan = (from: number, onlyToEnd: boolean): number => {
    let depth = 0;
    for (let i = from; i < pattern.length; i++) {
      const character = pattern[i];
      if (character === "\\") i += 1;
      else if (character === "[") i = endOfClass(pattern, i);
      else if (onlyToEnd && depth === 0 && (character === "|" || character === ")" || character === "$")) return i;
      else if (character === "(") depth += 1;
      else if (character === ")") depth -= 1;
      else if (character === "@" && !onlyToEnd) parts.push(pattern.slice(i + 1, scan(i + 1, true)));
    }
    return pattern.length;
  };
  scan(0, false);
  return parts;
}

function endOfClass(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] === "\\") i += 1;
    else if (pattern[i] === "]" && i > start + 1) return i;
  }
  return pattern.length;
}

/** Whether a whole text fits; never where RE2, which takes linear time whatever the expression, does not know the syntax. */
function matcherOf(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch {
    return () => false;
  }
}
