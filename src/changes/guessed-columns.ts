import { FIELD_BY_NAME, type Field, normalizeHeader } from "./columns.ts";

const BEFORE = "old|previous|former|existing";
const AFTER = "new|updated|future";
/** The word before or behind the name, with or without brackets: `Old email`, `Email (new)`. Headers are normalised first. */
const LEADING = new RegExp(`^\\(?(?:(${BEFORE})|(?:${AFTER}))\\)?:?(.+)$`);
const TRAILING = new RegExp(`^(.+?)\\(?(?:(${BEFORE})|(?:${AFTER}))\\)?$`);

/** What a header seems to mean that has no meaning by itself. */
export interface Guess {
  field: Field;
  /** Says that the entry is to get the value, as `New email` does. */
  isNew: boolean;
}

/** `Old email` finds the entry, `New email` and `New name` are what it is to get; null where the header says no such thing. */
export function guessColumn(header: string): Guess | null {
  const text = normalizeHeader(header);
  const leading = LEADING.exec(text);
  const trailing = TRAILING.exec(text);
  const [name, isOld] = leading
    ? [leading[2]!, leading[1] !== undefined]
    : trailing
      ? [trailing[1]!, trailing[2] !== undefined]
      : ["", false];
  const field = FIELD_BY_NAME.get(name);
  if (field === undefined) return null;
  if (isOld) return field === "email" ? { field: "match_email", isNew: false } : null;
  return field === "email" || field === "name" || field === "comments" ? { field, isNew: true } : null;
}
