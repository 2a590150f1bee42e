import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { valuesOf } from "../../src/backends/sql/budget-state.ts";
import { answerOf } from "../../src/budget/exchange.ts";
import { postgresForTest } from "../datastores.ts";
import { describeBudget } from "./budget-contract.ts";
import { describePages } from "./pages-contract.ts";
import { describeQueue } from "./queue-contract.ts";
import { describeRunStores } from "./run-store-contract.ts";
import { describeScheduleStore } from "./schedule-store-contract.ts";
import { liveAndRemove } from "./whole-life.ts";

const url = await postgresForTest();

describe.skipIf(url === null)("PostgreSQL", () => {
  let one: Backend;
  let two: Backend;
  let client: Client;
  beforeAll(async () => {
    [one, two] = await Promise.all([openBackend({ url, dataDir: "" }), openBackend({ url, dataDir: "" })]);
    client = new Client({ connectionString: url as string });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await one.close();
    await two.close();
  });
  describeRunStores(() => [one, two]);
  describePages(() => [one, two]);
  describeBudget(
    () => [one, two],
    async (key, clock, ask) => {
      const values = [key, clock, ...valuesOf(ask)];
      const text =
        "SELECT bulkpatch.exchange_budget($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS answer";
      const { rows } = await client.query<{ answer: number[] }>(text, values);
      return answerOf(rows[0]!.answer);
    },
  );
  describeScheduleStore(() => [one, two]);
  describeQueue(() => one);

  test("holds nothing of a run that was removed but what its account sent in the last day", async () => {
    const empty = (await postgresForTest()) as string;
    const backend = await openBackend({ url: empty, dataDir: "" });
    await liveAndRemove(backend);
    await backend.close();
    const client = new Client({ connectionString: empty });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('bulkpatch', 'bullmq')",
    );
    const left: string[] = [];
    for (const { name } of tables) if ((await client.query(`SELECT 1 FROM ${name} LIMIT 1`)).rowCount) left.push(name);
    expect(left.toSorted()).toEqual([
      "bulkpatch.change",
      "bulkpatch.migration",
      "bulkpatch.traffic",
      "bullmq.migration",
    ]);
    expect((await client.query("SELECT scope FROM bulkpatch.traffic")).rows).toEqual([{ scope: "account:account" }]);
    await client.end();
  });
});
