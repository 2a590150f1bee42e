import { afterEach, describe, expect, test } from "vitest";
import { openBackend } from "../../../src/backends/open.ts";
import { postgresPrograms, startPostgres } from "../../start-postgres.ts";
import type { StartedServer } from "../../started-server.ts";
import { expectToSurviveRestart } from "../outage-contract.ts";

describe.skipIf(postgresPrograms() === null)("PostgreSQL", () => {
  let server: StartedServer | undefined;
  afterEach(async () => server?.stop());

  test.each(["SIGINT", "SIGQUIT"] as const)("that is ended with %s and started again is waited for", async (signal) => {
    server = await startPostgres();
    await expectToSurviveRestart(server, signal);
  });

  test("that is gone when the backend is closed keeps nobody waiting", async () => {
    server = await startPostgres();
    const backend = await openBackend({ url: server.url, dataDir: "" });
    await server.kill("SIGKILL");
    const call = backend.runs.get("r").catch((error: unknown) => error);
    await backend.close();
    expect(await call).toMatchObject({ name: "BackendError", code: "backend_lost" });
  });
});
