import type { RowWarning } from "../../changes/change.ts";
import type { FieldChanges } from "../../registry/entry-diff.ts";
import type { Entry, EntryUpdate } from "../../registry/entry.ts";
import type { RegistryView } from "../registry-view.ts";
import { KnownDomains } from "./known-domains.ts";
import { lintAddress, type LintContext, type LintOptions } from "./lint.ts";
import { MANY_NAMES, SharedAddresses } from "./shared-addresses.ts";

/** Looks at the rows of one plan that put a new address on the registry. Costs nothing where none does. */
export class RowLint {
  readonly isStrict: boolean;
  readonly #view: RegistryView;
  readonly #options: LintOptions;
  readonly #shared = new SharedAddresses();
  #context: LintContext | null = null;

  constructor(view: RegistryView, options: LintOptions) {
    this.isStrict = options.strict;
    this.#view = view;
    this.#options = options;
  }

  /** Every row is shown before the first is asked about: some things only show when all are seen. */
  noteAddress(entry: Entry, set: EntryUpdate): void {
    if (typeof set.email !== "string" || set.email.toLowerCase() === entry.email.toLowerCase()) return;
    this.#shared.add(set.email, typeof set.name === "string" ? set.name : entry.name);
  }

  /** `entry`: as it is; null where it was not looked at, and `changes` holds all that the row gives. */
  warningsOf(entry: Entry | null, changes: FieldChanges): RowWarning[] {
    if (!changes.email && !changes.is_email_regex) return [];
    const email = changes.email?.to ?? entry?.email;
    if (typeof email !== "string") return [];
    const isRegex = (changes.is_email_regex?.to ?? entry?.is_email_regex) === true;
    this.#context ??= {
      known: new KnownDomains(this.#view.entries(), this.#options.allowDomains),
      seen: new Map(),
      isWhole: this.#view.isWhole,
    };
    const warnings = lintAddress({ email, isRegex }, this.#context);
    return isRegex || !changes.email ? warnings : [...warnings, ...this.#lintSharing(entry, email)];
  }

  #lintSharing(entry: Entry | null, email: string): RowWarning[] {
    const found = this.#view.find({ by: "email", email });
    const holders = found.kind === "several" ? found.entries : found.kind === "one" ? [found.entry] : [];
    const others = holders.filter(({ id }) => id !== entry?.id).map(({ name }) => name);
    if (this.#shared.namesOf(email, others) < MANY_NAMES) return [];
    return [
      {
        code: "address_on_many_names",
        message: `the address ${email} would stand beside ${MANY_NAMES} names or more: it would be trusted to be each of them`,
      },
    ];
  }
}
