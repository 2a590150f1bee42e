import { afterAll, beforeAll, describe } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { embeddedForTest } from "../datastores.ts";
import { describeKeeping } from "./keeping-contract.ts";

describe("on the embedded backend", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ url: null, dataDir: await embeddedForTest() });
  });
  afterAll(async () => {
    await backend.close();
  });
  describeKeeping(() => backend);
});
