import { afterEach, describe, expect, test } from "vitest";
import { openBackend } from "../../../src/backends/open.ts";
import { startGateServer } from "../../gate-server.ts";
import { hasRedisServer, startRedis } from "../../start-redis.ts";
import type { StartedServer } from "../../started-server.ts";
import { until } from "../../until.ts";
import { expectToSurviveRestart } from "../outage-contract.ts";

describe.skipIf(!hasRedisServer())("Redis", () => {
  let server: StartedServer | undefined;
  afterEach(async () => server?.stop());

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "that is ended with %s and started again is waited for",
    async (signal) => {
      server = await startRedis();
      await expectToSurviveRestart(server, signal);
    },
  );

  test("that is frozen when the backend is closed keeps nobody waiting", async () => {
    server = await startRedis();
    const gate = await startGateServer(server.url);
    try {
      const backend = await openBackend({ url: gate.url, dataDir: "" });
      gate.shut();
      const call = backend.runs.get("r").catch((error: unknown) => error);
      await backend.close();
      expect(await call).toMatchObject({ name: "BackendError", code: "backend_lost" });
      gate.open();
      await until("all connections are ended", () => gate.connections() === 0);
    } finally {
      await gate.close();
    }
  });

  test("that is gone when the backend is closed keeps nobody waiting", async () => {
    server = await startRedis();
    const backend = await openBackend({ url: server.url, dataDir: "" });
    await server.kill("SIGKILL");
    const call = backend.runs.get("r").catch((error: unknown) => error);
    const job = backend.queue("r").add("update", { n: 0 });
    await backend.close();
    expect(await call).toMatchObject({ name: "BackendError", code: "backend_lost" });
    await expect(job).rejects.toThrow("Connection is closed");
  });
});
