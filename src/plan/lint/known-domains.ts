import type { Entry } from "../../registry/entry.ts";
import { type Domain, parseDomain } from "./domain.ts";
import { isOneEditApart, withOneOut } from "./one-edit.ts";
import { literalDomain } from "./pattern.ts";
import { skeletonOf } from "./skeleton.ts";

/** Domains that look-alikes by one edit are looked for among, those with the most entries first: it bounds time and memory. */
const MOST_COMPARED = 5_000;
/** Shorter names are one edit apart by chance. */
const SHORTEST_COMPARED = 5;

/** The domains that addresses are expected in: the registry's, and those that were allowed. */
export class KnownDomains {
  /** Entries of each, by ASCII name. */
  readonly #counts = new Map<string, number>();
  readonly #bySkeleton = new Map<string, string>();
  readonly #byOneOut = new Map<string, string[]>();

  constructor(entries: Iterable<Pick<Entry, "email" | "is_email_regex">>, allowed: readonly string[]) {
    const written = new Map<string, number>();
    for (const { email, is_email_regex } of entries) {
      const domain = is_email_regex ? literalDomain(email) : email.slice(email.lastIndexOf("@") + 1).toLowerCase();
      if (domain !== null) written.set(domain, (written.get(domain) ?? 0) + 1);
    }
    for (const [text, count] of [...written, ...allowed.map((text) => [text, 0] as const)]) {
      const domain = parseDomain(text);
      if (domain) this.#counts.set(domain.ascii, (this.#counts.get(domain.ascii) ?? 0) + count);
    }
    const byCount = [...this.#counts].toSorted(([, a], [, b]) => b - a);
    for (const [ascii] of byCount) {
      const skeleton = skeletonOf(parseDomain(ascii)!.unicode);
      if (!this.#bySkeleton.has(skeleton)) this.#bySkeleton.set(skeleton, ascii);
    }
    for (const [ascii] of byCount.slice(0, MOST_COMPARED)) {
      const skeleton = skeletonOf(parseDomain(ascii)!.unicode);
      if (nameOf(skeleton).length < SHORTEST_COMPARED) continue;
      for (const key of withOneOut(skeleton)) {
        const same = this.#byOneOut.get(key);
        if (same) same.push(skeleton);
        else this.#byOneOut.set(key, [skeleton]);
      }
    }
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  has({ ascii }: Domain): boolean {
    return this.#counts.has(ascii);
  }

  /** Entries that have the domain. */
  entriesOf(ascii: string): number {
    return this.#counts.get(ascii) ?? 0;
  }

  /** The known domain that this other one could be taken for: drawn alike, or one edit away. */
  lookalikeOf({ unicode }: Domain): string | null {
    const skeleton = skeletonOf(unicode);
    const drawnAlike = this.#bySkeleton.get(skeleton);
    if (drawnAlike !== undefined) return drawnAlike;
    if (nameOf(skeleton).length < SHORTEST_COMPARED) return null;
    for (const key of withOneOut(skeleton)) {
      const near = this.#byOneOut.get(key)?.find((known) => isOneEditApart(known, skeleton));
      if (near !== undefined) return this.#bySkeleton.get(near)!;
    }
    return null;
  }
}

/** The first label: `corp` of `corp.co.uk`. */
function nameOf(domain: string): string {
  return domain.slice(0, domain.indexOf("."));
}
