import { PROVENANCES } from "../registry/entry.ts";
import type { DemoEntry } from "./demo-entry.ts";

/** Says what is wrong with the body of a PATCH; null when it is fine. Follows the API's EntryUpdate schema. */
export function findUpdateFault(update: unknown, entry: DemoEntry): { pointer: string; message: string } | null {
  if (typeof update !== "object" || update === null || Array.isArray(update)) {
    return { pointer: "", message: "the body must be an object" };
  }
  for (const [field, value] of Object.entries(update)) {
    const rule = FIELD_RULES.get(field);
    if (rule === undefined) return { pointer: `/${field}`, message: `unknown field "${field}"` };
    const fault = rule(value);
    if (fault !== null) return { pointer: `/${field}`, message: `${field} ${fault}` };
  }
  const { email, is_email_regex: isRegex } = { ...entry, ...update };
  if (("email" in update || "is_email_regex" in update) && !(isRegex ? isRegularExpression(email) : isAddress(email))) {
    return {
      pointer: "/email",
      message: `email must be ${isRegex ? "a valid regular expression" : "a valid address"}`,
    };
  }
  return null;
}

type Rule = (value: unknown) => string | null;

const nullable =
  (rule: Rule): Rule =>
  (value) =>
    value === null ? null : rule(value);
const text: Rule = (value) => (typeof value === "string" ? null : "must be a string");
const integer: Rule = (value) => (Number.isSafeInteger(value) ? null : "must be an integer");

const FIELD_RULES = new Map<string, Rule>([
  ["comments", nullable(text)],
  ["directory_id", nullable(integer)],
  ["directory_node_id", nullable(integer)],
  ["email", text],
  ["external_directory_node_id", nullable(text)],
  ["is_email_regex", (value) => (typeof value === "boolean" ? null : "must be a boolean")],
  [
    "name",
    (value) =>
      typeof value === "string" && value.length >= 1 && value.length <= 1024 ? null : "must have 1 to 1024 characters",
  ],
  [
    "provenance",
    (value) =>
      (PROVENANCES as readonly unknown[]).includes(value) ? null : `must be one of ${PROVENANCES.join(", ")}`,
  ],
]);

function isAddress(email: string): boolean {
  return email.length <= 320 && /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>".]+$/u.test(email);
}

function isRegularExpression(pattern: string): boolean {
  if (pattern === "") return false;
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}
