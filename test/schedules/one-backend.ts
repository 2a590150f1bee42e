import { afterAll, beforeAll } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { embeddedForTest, redisForTest } from "../datastores.ts";

/** One backend for the tests of a file: Redis where there is one, else embedded. What differs between them: keeping-contract.ts. */
export function oneBackend(): () => Backend {
  let backend: Backend;
  beforeAll(async () => {
    const url = await redisForTest();
    backend = await openBackend({ url, dataDir: url === null ? await embeddedForTest() : "" });
  });
  afterAll(async () => {
    await backend.close();
  });
  return () => backend;
}
