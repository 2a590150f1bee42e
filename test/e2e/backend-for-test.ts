import type { TestContext } from "vitest";
import { postgresForTest, redisForTest } from "../datastores.ts";

export const BACKENDS = ["embedded", "redis", "postgres"] as const;

/** The address of an empty backend of this kind; the test is skipped where this machine has none. */
export async function backendForTest(kind: (typeof BACKENDS)[number], { skip }: TestContext): Promise<string> {
  if (kind === "embedded") return "embedded";
  const url = await (kind === "redis" ? redisForTest() : postgresForTest());
  if (url === null) skip(`there is no ${kind} here`);
  return url!;
}
