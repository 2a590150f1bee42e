import { makeKeeper } from "../../../workers/keep-schedules.ts";
import { readSecretVariable } from "../../config.ts";
import { acceptDifference, explain, type Explanation } from "../../schedules/explain.ts";
import type { Keeper } from "../../schedules/keeper.ts";
import { acceptedViews } from "../../schedules/view.ts";
import { EXIT } from "../exit-codes.ts";
import { registryOf, type Session, withSession } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import type { scheduleExplainUsage, scheduleAcceptUsage } from "../usage/schedule-explain.ts";
import type { Work } from "../usage.ts";

export const doScheduleExplain: Work<typeof scheduleExplainUsage> = async ({ name, email }, { config, terminal }) => {
  await withSession(config, terminal, async (session) => {
    const explanation = await withKeeper(session, (keeper) => explain(keeper, name, email));
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
};

export const doScheduleAccept: Work<typeof scheduleAcceptUsage> = async (
  { name, email, until, reason },
  { config, terminal },
) => {
  await withSession(config, terminal, async (session) => {
    const schedule = await withKeeper(session, (keeper) => acceptDifference(keeper, name, { email, until, reason }));
    const accepted = acceptedViews(schedule, Date.now());
    terminal.print(
      `What differs of ${email} now is left as it is until ${new Date(until).toISOString().slice(0, 10)}.`,
    );
    terminal.printJson({ schedule: name, accepted });
  });
  return EXIT.done;
};

async function withKeeper<T>(session: Session, work: (keeper: Keeper) => Promise<T>): Promise<T> {
  const { backend, by, config, terminal } = session;
  const keeper = makeKeeper({
    backend,
    registry: await registryOf(session),
    by,
    dataDir: config.dataDir,
    environment: readSecretVariable,
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
