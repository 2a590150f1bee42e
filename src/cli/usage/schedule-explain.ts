import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
interface ExplainFlags {
  email?: string;
}

interface AcceptFlags extends ExplainFlags {
  until?: string;
  reason?: string;
}

export const scheduleExplainUsage = defineUsage({
  usage: "explain <name>",
  summary: "how one person fares: the row, the entry, what differs and why, what would be done; changes nothing",
  examples: [["bulkpatch schedule explain hr --email ada@corp.example", "also who changed what since it was applied"]],
  options: (command) => command.option("--email <address>", "of the person"),
  needsApi: true,
  read: ([name], { email }: ExplainFlags) => ({ name: name!, email: required("--email", email) }),
});

export const scheduleAcceptUsage = defineUsage({
  usage: "accept <name>",
  summary: "leave a person's entry as it is until a date, and stop telling of it",
  examples: [
    [
      'bulkpatch schedule accept hr --email ada@corp.example --until 2027-03-01 --reason "on parental leave"',
      "just what differs now; another difference is told again",
    ],
  ],
  options: (command) =>
    command
      .option("--email <address>", "of the person")
      .option("--until <date>", "like 2027-03-01 (in UTC)")
      .option("--reason <text>", "why, for those who look at it later"),
  needsApi: true,
  read: ([name], { email, until, reason }: AcceptFlags) => ({
    name: name!,
    email: required("--email", email),
    until: dateOf(required("--until", until)),
    reason: required("--reason", reason),
  }),
});

const LIKE = {
  "--email": "--email ada@corp.example",
  "--until": "--until 2027-03-01",
  "--reason": '--reason "parental leave"',
};

function required(flag: keyof typeof LIKE, text: string | undefined): string {
  if (text !== undefined && text.trim() !== "") return text.trim();
  throw new UsageError(`${flag} is missing`, `write it like ${LIKE[flag]}`);
}

function dateOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--until: expected a date, found "${text}"`, "write it like --until 2027-03-01");
}
