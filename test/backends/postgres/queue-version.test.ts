import { LATEST_SCHEMA_VERSION } from "bullmq";
import { expect, it } from "vitest";
import { QUEUE_VERSION } from "../../../src/backends/sql/migrate.ts";

it("knows which version of its schema the installed BullMQ ends with", () => {
  expect(QUEUE_VERSION).toBe(LATEST_SCHEMA_VERSION);
});
