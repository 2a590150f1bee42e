import type { TestContext } from "vitest";
import { embeddedForTest, postgresForTest, redisForTest } from "../datastores.ts";

export const BACKENDS = ["embedded", "redis", "postgres"] as const;

/** The settings that name an empty backend of this kind; the test is skipped where this machine has none. */
export async function backendForTest(
  kind: (typeof BACKENDS)[number],
  { skip }: TestContext,
): Promise<Record<string, string>> {
  if (kind === "embedded") return { BULKPATCH_DATA_DIR: await embeddedForTest() };
  const url = await (kind === "redis" ? redisForTest() : postgresForTest());
  if (url === null) skip(`there is no ${kind} here`);
  return { BULKPATCH_BACKEND_URL: url! };
}
