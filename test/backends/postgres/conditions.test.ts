import { Client } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { explainPostgres } from "../../../src/backends/postgres/errors.ts";
import { openBackend } from "../../../src/backends/open.ts";
import { postgresForTest } from "../../datastores.ts";
import { until } from "../../until.ts";
import { event, sampleRun } from "../sample-run.ts";

const url = await postgresForTest();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function connect(options = ""): Promise<Client> {
  const client = new Client({ connectionString: url!, options });
  await client.connect();
  closers.push(() => client.end());
  return client;
}

describe.skipIf(url === null)("PostgreSQL", () => {
  test("that ends a statement at its statement_timeout is asked again, until it is done", async () => {
    await (await openBackend({ url, dataDir: "" })).close(); // brings the schemas up to date
    const impatient = new URL(url!);
    impatient.searchParams.set("options", "-c statement_timeout=300");
    const backend = await openBackend({ url: impatient.href, dataDir: "" });
    closers.push(() => backend.close());
    const run = sampleRun();
    await backend.runs.create(run, event("planning"));
    const [holder, observer] = [await connect(), await connect()];
    await holder.query("BEGIN");
    await holder.query("SELECT FROM bulkpatch.run WHERE id = $1 FOR UPDATE", [run.id]);
    const moved = backend.runs.move(run.id, ["planning"], "queueing", null, event("queueing"));
    const begun = new Set<string>();
    await until("it was asked again", async () => {
      const { rows } = await observer.query<{ at: string }>(
        "SELECT query_start::text AS at FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Lock'",
      );
      for (const { at } of rows) begun.add(at);
      return begun.size >= 2;
    });
    await holder.query("COMMIT");
    expect(await moved).toMatchObject({ state: "queueing", events: [event("planning"), event("queueing")] });
  });

  test("says in one line what a person can do about it", async () => {
    const client = await connect("-c statement_timeout=10");
    const timeout: unknown = await client.query("SELECT pg_sleep(10)").catch((error: unknown) => error);
    expect(explainPostgres("postgres://host/db", timeout)).toMatchObject({
      code: "backend_busy",
      message:
        "PostgreSQL at postgres://host/db ended a statement before it was done (canceling statement due to statement timeout)",
      mayPass: true,
    });
    await client.query("SET default_transaction_read_only = on");
    const readOnly: unknown = await client.query("CREATE TABLE public.x (y text)").catch((error: unknown) => error);
    expect(explainPostgres("postgres://host/db", readOnly)).toMatchObject({
      code: "backend_permission",
      mayPass: false,
    });
    const bug: unknown = await client.query("SELECT nonsense").catch((error: unknown) => error);
    expect(explainPostgres("postgres://host/db", bug)).toBeNull();
  });
});
