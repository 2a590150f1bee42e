import type { Backend } from "../backends/backend.ts";
import { BackendError } from "../backends/backend-error.ts";
import { openBackend, openBudget, type BudgetHome } from "../backends/open.ts";
import type { Config } from "../config.ts";
import type { Budget } from "../budget/budget.ts";
import type { openApiBudget } from "../registry/api-budget.ts";
import type { Registry } from "../registry/open-registry.ts";
import { currentActor } from "../runs/actor.ts";
import { RequestError } from "../explained-error.ts";
import { formatDuration } from "../wording.ts";
import type { Terminal } from "./terminal.ts";

/** Nothing is to be silent for longer. */
const LONG_MS = 700;

/** What a command works with; `close` undoes it all, in reverse order. */
export interface Session {
  config: Config;
  backend: Backend;
  terminal: Terminal;
  /** `user@host` of who runs this command. */
  by: string;
  /** To be closed before the backend. */
  opened: { close(): Promise<void> }[];
  close(): Promise<void>;
}

/** Opens the backend; the caller closes the session. Throws BackendError. */
export async function openSession(config: Config, terminal: Terminal): Promise<Session> {
  return sessionOn(
    await sayWhatTakesLong(terminal, config, openBackend({ url: config.backendUrl, dataDir: config.dataDir })),
    config,
    terminal,
  );
}

function sessionOn<B extends BudgetHome | Backend>(
  backend: B,
  config: Config,
  terminal: Terminal,
): Omit<Session, "backend"> & { backend: B } {
  for (const warning of backend.warnings) terminal.warn(warning);
  const opened: Session["opened"] = [];
  return {
    config,
    backend,
    terminal,
    by: currentActor(),
    opened,
    async close() {
      for (const one of opened.splice(0).toReversed()) await one.close();
      await backend.close();
    },
  };
}

/** Says what is waited for. A new embedded database takes some seconds, and so does a server that is far away. */
export async function sayWhatTakesLong<T>(terminal: Terminal, { backendUrl }: Config, opening: Promise<T>): Promise<T> {
  const text = backendUrl === null ? "opening the backend; the first time takes some seconds" : "opening the backend";
  const timer = setTimeout(() => terminal.redraw(text), LONG_MS);
  try {
    return await opening;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Opens a session for a piece of work that may be done twice, and closes it. A process that ends while it holds the embedded
 * folder takes the session with it; the work is then done again on a session of its own.
 */
export async function withSession<T>(
  config: Config,
  terminal: Terminal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const session = await openSession(config, terminal);
    try {
      return await work(session);
    } catch (error) {
      if (!(error instanceof BackendError && error.code === "owner_gone") || attempt === 3) throw error;
    } finally {
      await session.close();
    }
  }
}

/** What a command works with that asks the API and touches no run. */
export type LightSession = Omit<Session, "backend"> & { backend: BudgetHome };

/** As `openSession`, without the database where that is possible: a plan needs only the budget. */
export async function openLightSession(config: Config, terminal: Terminal): Promise<LightSession> {
  return sessionOn(await openBudget({ url: config.backendUrl, dataDir: config.dataDir }), config, terminal);
}

/** The session with its database, which closes with the light one. */
export async function wholeSession(light: LightSession): Promise<Session> {
  return { ...light, backend: await sayWhatTakesLong(light.terminal, light.config, light.backend.whole()) };
}

/** What knows the API's budget; the settings were loaded with `needsApi`. */
type ApiSession = Pick<Session, "config" | "terminal" | "opened"> & {
  backend: Pick<Backend, "kind" | "address" | "budget">;
};

/** The live registry with this session's settings. It is closed with the session. What makes requests is loaded with it. */
export async function registryOf(session: ApiSession): Promise<Registry> {
  const { openRegistry } = await import("../registry/open-registry.ts");
  const { tellWaits } = await import("./tell-waits.ts");
  const registry = openRegistry(...spendingOf(session));
  session.opened.push(registry.budget);
  return tellWaits(registry, session.terminal);
}

/** As `registryOf`, for who only looks at the budget. */
export async function budgetOf(session: ApiSession): Promise<Budget> {
  const { openApiBudget } = await import("../registry/api-budget.ts");
  const budget = openApiBudget(...spendingOf(session));
  session.opened.push(budget);
  return budget;
}

function spendingOf({ config, backend, terminal }: ApiSession): Parameters<typeof openApiBudget> {
  const onMended = (backMs: number): void =>
    terminal.warn(
      `the clock of ${backend.address} stepped ${backMs > 0 ? "back" : "forward"} by ${formatDuration(Math.abs(backMs))}; requests are counted on from where it stood`,
    );
  // The embedded budget's clock is the machine's uptime: that it begins anew is no news.
  return [config.api!, config.rate, backend.budget, config.pace, backend.kind === "embedded" ? undefined : onMended];
}

/** An attached command works itself; on an embedded folder only the process that holds it can. */
export function assertCanWork({ backend }: Session, { work, detach }: { work: boolean; detach?: boolean }): void {
  if (backend.canWork || !work || detach) return;
  throw new RequestError(
    "folder_busy",
    `another process holds ${backend.address} and does the work there`,
    "add --detach to leave the rows to it, or use another --data-dir, or a Redis (--backend-url redis://…)",
  );
}
