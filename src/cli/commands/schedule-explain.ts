import { makeKeeper } from "../../../workers/keep-schedules.ts";
import { readEnvironment } from "../../config.ts";
import { acceptDifference, explain, type Explanation } from "../../schedules/explain.ts";
import type { Keeper } from "../../schedules/keeper.ts";
import { acceptedViews } from "../../schedules/view.ts";
import { makeCommand, UsageError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { registryOf, type Session, withSession } from "../session.ts";
import type { Terminal } from "../terminal.ts";

interface ExplainFlags {
  email?: string;
}

interface AcceptFlags extends ExplainFlags {
  until?: string;
  reason?: string;
}

export const scheduleExplainCommand = makeCommand<ExplainFlags>({
  usage: "explain <name>",
  summary: "how one person fares: the row, the entry, what differs and why, what would be done; changes nothing",
  examples: [["bulkpatch schedule explain hr --email ada@corp.example", "also who changed what since it was applied"]],
  options: (command) => command.option("--email <address>", "of the person"),
  needsApi: true,
  run: async ([name], { flags, config, terminal }) => {
    const email = required("--email", flags.email);
    await withSession(config, terminal, async (session) => {
      const explanation = await withKeeper(session, (keeper) => explain(keeper, name!, email));
      show(explanation, terminal);
      terminal.printJson({
        ...explanation,
        rows: explanation.rows.map(({ entryId, fields, ...row }) => ({
          ...row,
          impersonation_registry_id: entryId,
          fields: fields.map(({ lastApplied, leftAlone, ...field }) => ({
            ...field,
            last_applied: lastApplied,
            left_alone: leftAlone,
          })),
        })),
      });
    });
    return EXIT.done;
  },
});

export const scheduleAcceptCommand = makeCommand<AcceptFlags>({
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
  run: async ([name], { flags, config, terminal }) => {
    const email = required("--email", flags.email);
    const reason = required("--reason", flags.reason);
    const until = dateOf(required("--until", flags.until));
    await withSession(config, terminal, async (session) => {
      const schedule = await withKeeper(session, (keeper) => acceptDifference(keeper, name!, { email, until, reason }));
      const accepted = acceptedViews(schedule, Date.now());
      terminal.print(`What differs of ${email} now is left as it is until ${flags.until}.`);
      terminal.printJson({ schedule: name, accepted });
    });
    return EXIT.done;
  },
});

async function withKeeper<T>(session: Session, work: (keeper: Keeper) => Promise<T>): Promise<T> {
  const { backend, by, config, terminal } = session;
  const keeper = makeKeeper({
    backend,
    registry: registryOf(session),
    by,
    dataDir: config.dataDir,
    environment: readEnvironment,
    onError: (error) => terminal.note(error.message),
  });
  try {
    return await work(keeper);
  } finally {
    await keeper.close();
  }
}

function show({ email, rows, entries }: Explanation, { print, style }: Terminal): void {
  if (rows.length === 0) print(`No row of the list is about ${email}.`);
  if (entries.length === 0) print(`No entry of the registry has ${email}.`);
  for (const { row, entryId, outcome, message, fields } of rows) {
    const what = outcome === "update" ? "would be updated" : outcome.replaceAll("_", " ");
    print(style("bold", `row ${row}, entry ${entryId ?? "none"}: ${what}${message === null ? "" : ` (${message})`}`));
    for (const { field, listed, found, lastApplied, cause, leftAlone } of fields) {
      if (cause === null && found === listed) print(`  ${field}: ${JSON.stringify(listed)} in both`);
      else {
        print(
          `  ${field}: list ${JSON.stringify(listed)}, registry ${JSON.stringify(found)}, last applied ${JSON.stringify(lastApplied)}${cause === null ? "" : `: ${CAUSES[cause]}`}${leftAlone ? "; left as it is" : ""}`,
        );
      }
    }
  }
  if (rows.length === 0) for (const entry of entries) print(`entry ${entry.id}: ${entry.name}, not in the list`);
}

const CAUSES = {
  source_changed: "the list changed",
  registry_drifted: "somebody changed it in the registry",
  both: "both changed",
};

function required(flag: string, text: string | undefined): string {
  if (text !== undefined && text.trim() !== "") return text.trim();
  throw new UsageError(`${flag} is missing`, "see the examples of --help");
}

function dateOf(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--until: expected a date, found "${text}"`, "write it like --until 2027-03-01");
}
