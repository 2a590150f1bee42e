import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { postgresForTest } from "../datastores.ts";
import { describeKeeping } from "./keeping-contract.ts";

const url = await postgresForTest();

describe.skipIf(url === null)("on PostgreSQL", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ url, dataDir: "" });
  });
  afterAll(async () => {
    await backend.close();
  });
  describeKeeping(() => backend);
});
