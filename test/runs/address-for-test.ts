import type { TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { openBackend } from "../../src/backends/open.ts";
import { embeddedForTest, postgresForTest, redisForTest } from "../datastores.ts";

type BackendKind = Backend["kind"];
type Skippable = Pick<TestContext, "skip">;

/** The address of an empty Redis or PostgreSQL, or the folder of an empty embedded database; the test is skipped where there is none. */
export async function addressForTest(kind: BackendKind, { skip }: Skippable): Promise<string> {
  if (kind === "embedded") return await embeddedForTest();
  const url = await (kind === "redis" ? redisForTest() : postgresForTest());
  if (url === null) skip(`there is no ${kind} here`);
  return url!;
}

/** Opens the backend that is there. The caller closes it. */
export async function openAt(kind: BackendKind, address: string): Promise<Backend> {
  return await openBackend(kind === "embedded" ? { url: null, dataDir: address } : { url: address, dataDir: "" });
}

/** An empty backend, opened. The caller closes it. */
export async function openForTest(kind: BackendKind, context: Skippable): Promise<Backend> {
  return await openAt(kind, await addressForTest(kind, context));
}
