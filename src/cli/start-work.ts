import { startWorker } from "../../workers/worker.ts";
import { readSecretVariable } from "../config.ts";
import type { Registry } from "../registry/open-registry.ts";
import type { Session } from "./session.ts";

/** Works on every run of the account and keeps its schedules, with the session's settings. Answers how to stop. */
export async function startWork({ backend, by, config }: Session, registry: Registry): Promise<() => Promise<void>> {
  const { dataDir, concurrency, keepDays, logLevel, webhookSecrets } = config;
  return await startWorker({
    backend,
    registry,
    dataDir,
    environment: readSecretVariable,
    concurrency,
    keepDays,
    logLevel,
    webhookSecrets,
    by,
  });
}
