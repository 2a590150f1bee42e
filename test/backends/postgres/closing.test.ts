import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/backends/backend.ts";
import { openBackend } from "../../../src/backends/open.ts";
import { postgresForTest } from "../../datastores.ts";
import { type GateServer, startGateServer } from "../../gate-server.ts";
import { postgresPrograms, startPostgres } from "../../start-postgres.ts";
import { until } from "../../until.ts";

const url = await postgresForTest();

/** Sockets of this process: one that is left keeps it alive, as if the command had not ended. */
const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;

describe.skipIf(url === null)("closing PostgreSQL", () => {
  let gate: GateServer | undefined;
  afterEach(async () => gate?.close());

  async function open(): Promise<{ backend: Backend; gate: GateServer }> {
    gate = await startGateServer(url!);
    return { backend: await openBackend({ url: gate.url, dataDir: "" }), gate };
  }

  test("leaves no session to a worker that was closed before it had one", { timeout: 20_000 }, async () => {
    const opened = await open();
    opened.gate.shut();
    const worker = opened.backend.worker("r", async () => {}, {});
    await until("it asks for a session", () => opened.gate.connections() === 2);
    await worker.close();
    const ready = worker.waitUntilReady().catch(() => {});
    opened.gate.open();
    await ready;
    await opened.backend.close();
    await until("all are ended", () => opened.gate.connections() === 0);
  });

  test("waits for nothing where the server is frozen, whatever is under way", { timeout: 20_000 }, async () => {
    const opened = await open();
    const worker = opened.backend.worker("r", async () => {}, {});
    await worker.waitUntilReady();
    opened.gate.shut();
    const call = opened.backend.runs.get("r").catch((error: unknown) => error);
    await opened.backend.close();
    expect(await call).toMatchObject({ code: "backend_lost" });
    await worker.close();
    opened.gate.open();
    await until("all are ended", () => opened.gate.connections() === 0);
  });
});

test.skipIf(postgresPrograms() === null)(
  "PostgreSQL that restarts while it is closed holds nobody",
  { timeout: 60_000 },
  async () => {
    const server = await startPostgres();
    try {
      for (let i = 0; i < 8; i += 1) {
        const before = sockets();
        const backend = await openBackend({ url: server.url, dataDir: "" });
        const done = Promise.withResolvers<void>();
        const worker = backend.worker("r", async () => done.resolve(), {});
        void worker.run().catch(() => {});
        const queue = backend.queue("r");
        await queue.addBulk([{ name: "update", data: { n: 1 } }]);
        if (i % 2 === 0) await done.promise;
        const call = backend.runs.get("r").catch(() => {});
        const restarted = server.kill(i % 4 < 2 ? "SIGQUIT" : "SIGINT").then(() => server.start());
        for (let turn = 0; turn < 4 * i; turn += 1) await new Promise(setImmediate);
        await worker.close();
        await queue.close();
        await backend.close();
        await call;
        await restarted;
        expect(sockets()).toBeLessThanOrEqual(before);
      }
    } finally {
      await server.stop();
    }
  },
);
