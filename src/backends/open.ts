import { serverKindOf } from "./address.ts";
import type { Backend } from "./backend.ts";
import { silent, type BackendLogger } from "./logger.ts";

export interface OpenOptions {
  /** `redis://…`, `rediss://…`, `postgres://…`, `postgresql://…`; null or `embedded`: a database in `dataDir`. */
  url: string | null;
  /** Of the embedded backend; the others don't touch it. */
  dataDir: string;
  /** Default: nothing is logged. */
  logger?: BackendLogger;
}

/** Opens the backend that the address names. Throws BackendError, within seconds, when it can't be used. */
export async function openBackend({ url, dataDir, logger = silent }: OpenOptions): Promise<Backend> {
  // Each is large, so only the one that is used is loaded.
  if (url === null || url === "embedded") {
    const { openEmbedded } = await import("./embedded/open-embedded.ts");
    return openEmbedded(dataDir);
  }
  if (serverKindOf(url) === "redis") {
    const { openRedis } = await import("./redis/open-redis.ts");
    return openRedis(url, logger);
  }
  const { openPostgres } = await import("./postgres/open-postgres.ts");
  return openPostgres(url, logger);
}

/** What of a backend is needed to ask the API: the budget that all share. */
export interface BudgetHome extends Pick<Backend, "kind" | "address" | "warnings" | "budget" | "close"> {
  /** Opens the rest, once, however often it is called; `close` closes that, too. */
  whole(): Promise<Backend>;
}

/** Opens no more than the budget, where that is less: on the embedded backend no database. Throws BackendError. */
export async function openBudget(options: OpenOptions): Promise<BudgetHome> {
  if (options.url !== null && options.url !== "embedded") {
    const backend = await openBackend(options);
    return { ...backend, whole: async () => backend };
  }
  const [{ openBudgetFile }, { makeFolder }] = await Promise.all([
    import("./embedded/budget-file.ts"),
    import("./embedded/make-folder.ts"),
  ]);
  const dataDir = makeFolder(options.dataDir);
  const { budget, close } = openBudgetFile(dataDir);
  let opening: Promise<Backend> | null = null;
  return {
    kind: "embedded",
    address: dataDir,
    warnings: [],
    budget,
    whole: () => (opening ??= openBackend(options)),
    close: async () => {
      await (await opening?.catch(() => null))?.close(); // whoever asked for it was told of its error
      close();
    },
  };
}
