import type { TestContext } from "vitest";
import { addressForTest } from "../runs/address-for-test.ts";

export const BACKENDS = ["embedded", "redis", "postgres"] as const;

/** The settings that name an empty backend of this kind; the test is skipped where this machine has none. */
export async function backendForTest(
  kind: (typeof BACKENDS)[number],
  context: TestContext,
): Promise<Record<string, string>> {
  const address = await addressForTest(kind, context);
  return kind === "embedded" ? { BULKPATCH_DATA_DIR: address } : { BULKPATCH_BACKEND_URL: address };
}
