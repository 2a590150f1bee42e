import { type Entry, type EntryUpdate, type FieldValue, UPDATABLE_FIELDS, type UpdatableField } from "./entry.ts";

/** Old and new value of each field that a row changes. */
export type FieldChanges = { [F in UpdatableField]?: { from: FieldValue; to: FieldValue } };

/** The fields whose value in the entry is not the one asked for, with both values; null when there are none. */
export function diff(entry: Entry, set: EntryUpdate): FieldChanges | null {
  const changes: FieldChanges = {};
  for (const field of fieldsOf(set)) {
    const to = set[field] ?? null;
    if (isOdd(entry, field) || !sameValue(entry[field], to)) changes[field] = { from: entry[field], to };
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

/** The body of the PATCH that makes these changes. */
export function updateOf(changes: FieldChanges): EntryUpdate {
  return Object.fromEntries(Object.entries(changes).map(([field, { to }]) => [field, to]));
}

/** The changes of a row that was not compared with its entry: every old value is unknown, shown as null. */
export function uncompared(set: EntryUpdate): FieldChanges | null {
  const fields = fieldsOf(set);
  if (fields.length === 0) return null;
  return Object.fromEntries(fields.map((field) => [field, { from: null, to: set[field] ?? null }]));
}

/** The first field that an answered entry does not show as it was sent; null when it shows them all. */
export function firstDifference(entry: Entry, sent: EntryUpdate): UpdatableField | null {
  return differencesOf(entry, sent)[0] ?? null;
}

/**
 * The fields that an answered entry does not show as they were sent.
 * The letter case of an address may be the API's choice: an address means the same in any case.
 */
export function differencesOf(entry: Entry, sent: EntryUpdate): UpdatableField[] {
  const differs = (field: UpdatableField): boolean => {
    const wanted = sent[field] ?? null;
    const shown = entry[field];
    if (isOdd(entry, field)) return true;
    if (field === "email" && !entry.is_email_regex && typeof wanted === "string" && typeof shown === "string") {
      return wanted.toLowerCase() !== shown.toLowerCase();
    }
    return !sameValue(shown, wanted);
  };
  return fieldsOf(sent).filter(differs);
}

/** What the API gave for a field, as text for a message; also where it could not be read. */
export function showField(entry: Entry, field: UpdatableField): string {
  return JSON.stringify(entry.odd?.find((odd) => odd.field === field)?.found ?? entry[field]);
}

function isOdd({ odd }: Entry, field: UpdatableField): boolean {
  return odd !== undefined && odd.some((one) => one.field === field);
}

/** The fields that are to change, in the order in which they are shown. */
export function fieldsOf(set: EntryUpdate | FieldChanges): UpdatableField[] {
  return UPDATABLE_FIELDS.filter((field) => set[field] !== undefined);
}

/** A nullable text that was emptied may come back as "" or as null; both say the same. */
function sameValue(a: FieldValue, b: FieldValue): boolean {
  return (a === "" ? null : a) === (b === "" ? null : b);
}
