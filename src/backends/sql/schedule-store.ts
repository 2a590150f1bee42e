import { randomUUID } from "node:crypto";
import type {
  KeptOccasion,
  KeptSchedule,
  ScheduleStep,
  ScheduleStore,
  StepAnswer,
} from "../../schedules/schedule-store.ts";
import type { Sql } from "./sql.ts";

const OCCASION = `SELECT schedule, due_at AS "dueAt", account_id AS "accountId", state, version, document FROM bulkpatch.occasion`;
/** Known entries that are written in one statement. */
const ENTRIES = 1_000;

/** Schedules in PostgreSQL or PGlite. Every call is one statement; the step is a function of steps/2-schedules.ts. */
export class SqlScheduleStore implements ScheduleStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async create(name: string, document: string): Promise<boolean> {
    const created = await this.#sql.query(
      `INSERT INTO bulkpatch.schedule AS s (name, version, document, call) VALUES ($1, 1, $2, $3)
       ON CONFLICT (name) DO UPDATE SET call = excluded.call WHERE s.call = excluded.call
       RETURNING name`,
      [name, document, randomUUID()],
    );
    return created.length > 0;
  }

  async get(name: string): Promise<KeptSchedule | null> {
    const [kept] = await this.#sql.query<KeptSchedule>(
      "SELECT name, version, document FROM bulkpatch.schedule WHERE name = $1",
      [name],
    );
    return kept ?? null;
  }

  async list(): Promise<KeptSchedule[]> {
    return await this.#sql.query(`SELECT name, version, document FROM bulkpatch.schedule ORDER BY name COLLATE "C"`);
  }

  async step({ name, version, document, accountId, add = [], change }: ScheduleStep): Promise<StepAnswer> {
    const [row] = await this.#sql.query<{ answer: StepAnswer }>(
      "SELECT bulkpatch.schedule_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS answer",
      [
        name,
        version,
        randomUUID(),
        document,
        accountId,
        add.map(({ dueAt }) => dueAt),
        add.map(({ state }) => state),
        add.map((occasion) => occasion.document),
        change?.dueAt ?? null,
        change?.version ?? null,
        change?.state ?? null,
        change?.document ?? null,
      ],
    );
    return row!.answer;
  }

  async remove(name: string): Promise<boolean> {
    const removed = await this.#sql.query("DELETE FROM bulkpatch.schedule WHERE name = $1 RETURNING name", [name]);
    return removed.length > 0;
  }

  async occasion(schedule: string, dueAt: number): Promise<KeptOccasion | null> {
    const [kept] = await this.#sql.query<KeptOccasion>(`${OCCASION} WHERE schedule = $1 AND due_at = $2`, [
      schedule,
      dueAt,
    ]);
    return kept ?? null;
  }

  async occasions(schedule: string, limit: number, before = Number.MAX_SAFE_INTEGER): Promise<KeptOccasion[]> {
    return await this.#sql.query(
      `${OCCASION} WHERE schedule = $1 AND due_at < $3::float8 ORDER BY due_at DESC LIMIT $2`,
      [schedule, limit, before],
    );
  }

  async running(): Promise<KeptOccasion[]> {
    return await this.#sql.query(`${OCCASION} WHERE state = 'running' ORDER BY due_at, schedule`);
  }

  async removeOccasionsBefore(schedule: string, time: number): Promise<number> {
    const removed = await this.#sql.query(
      "DELETE FROM bulkpatch.occasion WHERE schedule = $1 AND due_at < $2 AND state <> 'running' RETURNING due_at",
      [schedule, time],
    );
    return removed.length;
  }

  async knownEntries(schedule: string): Promise<Map<string, string>> {
    const rows = await this.#sql.query<{ id: string; document: string }>(
      "SELECT entry_id AS id, document FROM bulkpatch.known_entry WHERE schedule = $1",
      [schedule],
    );
    return new Map(rows.map(({ id, document }) => [id, document]));
  }

  async keepEntries(schedule: string, entries: readonly (readonly [string, string | null])[]): Promise<void> {
    for (let from = 0; from < entries.length; from += ENTRIES) {
      const some = entries.slice(from, from + ENTRIES);
      await this.#sql.query("SELECT bulkpatch.keep_entries($1, $2, $3)", [
        schedule,
        some.map(([id]) => id),
        some.map(([, document]) => document),
      ]);
    }
  }
}
