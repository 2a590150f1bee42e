import type { TestContext } from "vitest";
import { embeddedForTest, postgresForTest, redisForTest } from "../datastores.ts";

/** The address of an empty Redis or PostgreSQL, or the folder of an empty embedded database; the test is skipped where there is none. */
export async function addressForTest(kind: "embedded" | "redis" | "postgres", { skip }: TestContext): Promise<string> {
  if (kind === "embedded") return await embeddedForTest();
  const url = await (kind === "redis" ? redisForTest() : postgresForTest());
  if (url === null) skip(`there is no ${kind} here`);
  return url!;
}
