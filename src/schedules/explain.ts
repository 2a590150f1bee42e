import type { FieldValue, UpdatableField } from "../registry/entry.ts";
import type { DriftCause } from "../runs/run.ts";
import { fieldsIn } from "./drift.ts";
import type { Keeper } from "./keeper.ts";
import { shownEntry } from "./observed-registry.ts";
import { planList } from "./plan-list.ts";
import { planRows } from "./plan-rows.ts";
import { ScheduleError } from "./schedule-error.ts";
import { changeSchedule, findSchedule, type Schedule } from "./schedule.ts";
import { sieve } from "./sieve.ts";

/** How one person fares with a schedule. */
export interface Explanation {
  schedule: string;
  email: string;
  /** Rows of the list that are about the person. */
  rows: ExplainedRow[];
  /** Entries with this address. */
  entries: { id: string; email: string; name: string }[];
}

export interface ExplainedRow {
  row: number;
  entryId: string | null;
  /** `update`, or how the row ends without one. */
  outcome: string;
  message: string | null;
  /** Each field that the list gives a value. */
  fields: {
    field: UpdatableField;
    listed: FieldValue;
    found: FieldValue;
    /** Null where it is not known. */
    lastApplied: FieldValue;
    /** Null where list and registry agree. */
    cause: DriftCause | null;
    /** It differs and is left as it is. */
    leftAlone: boolean;
  }[];
}

/** Tells, without writing, how the person with this address fares. Takes as many requests as the listing has pages. */
export async function explain(keeper: Keeper, name: string, email: string): Promise<Explanation> {
  const { schedule } = await findSchedule(keeper.home.schedules, name);
  const { plan, sieving } = await planList(keeper, schedule);
  const { known, entries } = sieving;
  try {
    const isPerson = (address: string | null | undefined): boolean => address?.toLowerCase() === email.toLowerCase();
    const rows: ExplainedRow[] = [];
    for await (const { decided, source } of planRows(plan)) {
      const { change, cells } = source;
      const target = change?.target;
      const named = target !== undefined && target.by !== "id" && isPerson(target.email);
      if (!named && !isPerson(decided.entryEmail) && !cells.some((cell) => isPerson(cell.trim()))) continue;
      const { row, causes, leftAlone } = sieve(decided, sieving);
      rows.push({
        row: row.row,
        entryId: row.entryId,
        outcome: row.result?.outcome ?? "update",
        message: row.result?.message ?? null,
        fields: fieldsIn(change?.set ?? {}).map((field) => {
          const listed = change!.set[field] ?? null;
          return {
            field,
            listed,
            found: decided.entryId === null ? null : decided.changes?.[field] ? decided.changes[field].from : listed,
            lastApplied: known.get(decided.entryId ?? "")?.applied[field] ?? null,
            cause: causes[field] ?? null,
            leftAlone: leftAlone.includes(field),
          };
        }),
      });
    }
    return {
      schedule: name,
      email,
      rows,
      entries: [...entries.values()].filter((entry) => isPerson(entry.email)).map(shownEntry),
    };
  } finally {
    await plan.close();
  }
}

export interface AcceptOptions {
  email: string;
  /** Epoch milliseconds. */
  until: number;
  reason: string;
}

/**
 * Takes the differences that a person's entry has now out of the alarm until a date: they are neither sent nor told. Any other
 * difference of the entry is. Throws where nothing differs.
 */
export async function acceptDifference(keeper: Keeper, name: string, options: AcceptOptions): Promise<Schedule> {
  const { email, until, reason } = options;
  const at = keeper.now();
  if (until <= at) {
    throw new ScheduleError(
      "date_over",
      `accepting what differs of ${email}: expected a date to come, found ${new Date(until).toISOString().slice(0, 10)}`,
      { schedule: name },
    );
  }
  const { rows } = await explain(keeper, name, email);
  const differing = rows.flatMap(({ entryId, fields }) => {
    const those = fields.filter(({ cause }) => cause !== null);
    return entryId === null || those.length === 0 ? [] : [{ entryId, fields: those }];
  });
  const [first] = differing;
  if (first === undefined) {
    throw new ScheduleError(
      "nothing_differs",
      `nothing of ${email} differs between the list of ${name} and the registry`,
      { schedule: name, email },
    );
  }
  const accepted = {
    entryId: first.entryId,
    email,
    until,
    reason,
    by: keeper.by,
    at,
    fields: Object.fromEntries(first.fields.map(({ field, found, listed }) => [field, { found, listed }])),
  };
  return await changeSchedule(keeper.home.schedules, name, (schedule) => ({
    ...schedule,
    acceptedDifferences: [
      ...schedule.acceptedDifferences.filter((one) => one.entryId !== first.entryId && one.until > at),
      accepted,
    ],
  }));
}
