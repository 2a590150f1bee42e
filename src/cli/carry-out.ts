import { relative, resolve } from "node:path";
import type { Plan } from "../plan/make-plan.ts";
import { renderBudget } from "../budget/budget-view.ts";
import { planDocument } from "../plan/plan-document.ts";
import { hasRejects } from "../runs/outcome.ts";
import { RunError } from "../runs/run-error.ts";
import type { Run } from "../runs/run.ts";
import type { Registry } from "../registry/open-registry.ts";
import { assertWritable } from "../report/report-folder.ts";
import { assertKeepsRows, freeRunId, type NewRunOptions, startRun } from "../runs/start-run.ts";
import { formatCount } from "../wording.ts";
import type { CarryOutFlags } from "./carry-out-flags.ts";
import { detach } from "./detach.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { GoOnOptions } from "./go-on.ts";
import {
  assertCanWork,
  type LightSession,
  openLightSession,
  registryOf,
  sayWhatTakesLong,
  type Session,
  wholeSession,
} from "./session.ts";
import { showPlan, speedOf } from "./show-plan.ts";
import type { Receivers } from "../schedules/notify/notifier.ts";
import type { NotifyOn } from "../schedules/notify/notify-on.ts";
import { listenForStop } from "./signals.ts";
import type { Call } from "./usage.ts";

export interface PlanContext {
  /** Opened when it is first asked for: while a plan is being made the database can be, too. What fails then aborts the signal. */
  session: () => Promise<Session>;
  /** Begins with that, without waiting for it. */
  beginSession: () => void;
  registry: Registry;
  signal: AbortSignal;
}

/** A plan that waits for its yes, and what its run records besides the rows. */
export interface PlannedRun {
  plan: Plan;
  wanted: Omit<NewRunOptions, "accountId" | "reportDir">;
  question: string;
  /** Who is told how it ended. */
  tell?: (Receivers & { on: NotifyOn }) | null;
  /** Left out: a new one. */
  id?: string;
  /** Called once it is answered with yes, before the run exists; answers how to take it back where the run never comes to be. */
  beforeStart?: (runId: string) => Promise<() => Promise<void>>;
}

/** What was asked for is a run already, which goes on. */
export interface StartedBefore {
  run: Run;
  /** Why it is this one. */
  because: string;
  readAgain: GoOnOptions["readAgain"];
}

/** What was asked for is a run now. */
interface Begun {
  run: Run;
  /** Somebody may be told how it ends. */
  mayBeAwaited: boolean;
}

/**
 * The one path from a plan to the end of its run: makes the plan, shows it, asks, starts the run, and stays with it or leaves it
 * to the workers. Closes whatever was opened.
 */
export async function carryOut(
  flags: CarryOutFlags,
  call: Call,
  makePlan: (context: PlanContext) => Promise<PlannedRun | StartedBefore>,
): Promise<ExitCode> {
  const { config, terminal } = call;
  const light = await openLightSession(config, terminal);
  const stop = listenForStop(terminal, "Stopping.");
  const opening = beginOpening(light, flags);
  try {
    const registry = await registryOf(light);
    const signal = AbortSignal.any([stop.signal, opening.failed]);
    const context = { ...opening, registry, signal };
    const begun = await begin(flags, call, context, stop.signal, makePlan);
    stop.release();
    if (typeof begun === "number") return begun;
    const session = await opening.session();
    if ("readAgain" in begun) {
      terminal.note(begun.because);
      const { goOn } = await import("./go-on.ts");
      return await goOn(session, registry, begun.run, { ...flags, readAgain: begun.readAgain });
    }
    if (flags.detach) return await detach(session, begun.run);
    const { attend } = await import("./attend.ts");
    return await attend(session, registry, begun.run, { work: flags.work, mayBeAwaited: begun.mayBeAwaited });
  } finally {
    stop.release();
    await light.close();
  }
}

/**
 * From the plan to its run, or to the exit code where there is to be none. The plan ends with this: what it keeps of the registry
 * takes more memory than all that follows.
 */
async function begin(
  flags: CarryOutFlags,
  { config, terminal }: Call,
  context: PlanContext,
  stop: AbortSignal,
  makePlan: (context: PlanContext) => Promise<PlannedRun | StartedBefore>,
): Promise<Begun | StartedBefore | ExitCode> {
  const { registry } = context;
  const planned = await makePlan(context);
  if ("run" in planned) return planned;
  const { plan } = planned;
  try {
    const { source, options } = planned.wanted;
    const budget = await registry.budget.look();
    await showPlan(plan, source.name, speedOf(registry, budget, config), terminal, {
      header: source.header,
      oldValuesKnown: !options.noPlan,
      ...(source.path !== null && { seeAll: `the same flags and bulkpatch plan ${quoted(source.path)} --all` }),
    });
    if (flags.dryRun) {
      if (terminal.json)
        terminal.printJson({ ...(await planDocument(plan, source.name)), budget: renderBudget(budget, Date.now()) });
      return hasRejects(plan.summary.outcomes) ? EXIT.doneWithRejects : EXIT.done;
    }
    // The plan took the place of what was said when the opening began.
    const session = await sayWhatTakesLong(terminal, config, context.session());
    if (!flags.yes && !(await terminal.confirm(planned.question))) {
      terminal.note("Nothing was changed.");
      return EXIT.done;
    }
    const { backend, by } = session;
    const id = planned.id ?? (await freeRunId(backend, Date.now()));
    const reportDir = resolve(flags.reportDir ?? `bulkpatch-reports/${id}`);
    if (!flags.detach) await assertWritable(reportDir);
    const takeBack = await planned.beforeStart?.(id);
    // what follows needs the queue, which a plan does without
    if (planned.tell) await (await import("./tell-end.ts")).noteWhomToTell(session, id, planned.tell);
    const run = await startRun(
      plan,
      {
        ...planned.wanted,
        id,
        accountId: registry.api.accountId,
        reportDir: () => reportDir,
      },
      {
        backend,
        by,
        rate: registry.rate,
        anyway: flags.anyway,
        allowEviction: flags.allowEviction,
        signal: stop,
        onProgress: ({ runId, step, done }) => terminal.redraw(`${runId}: ${step}, ${formatCount(done)} rows`),
      },
    ).catch(async (error: unknown) => {
      const isBegun = error instanceof RunError && error.code === "run_busy"; // by another process, just now
      if (!isBegun && (await backend.runs.get(id)) === null) await takeBack?.();
      throw error;
    });
    terminal.note(`Run ${run.id} is ${run.state}.`);
    // Of a run whose id was noted before, another process may have noted who is told.
    return { run, mayBeAwaited: Boolean(planned.tell) || planned.id !== undefined };
  } finally {
    await plan.close();
  }
}

/** Opens the whole session when it is first asked for, and looks whether it is one that can do this. */
function beginOpening(
  light: LightSession,
  flags: CarryOutFlags,
): Pick<PlanContext, "session" | "beginSession"> & { failed: AbortSignal } {
  const failure = new AbortController();
  let opening: Promise<Session> | null = null;
  const open = async (): Promise<Session> => {
    try {
      const session = await wholeSession(light);
      if (!flags.dryRun) assertCanWork(session, flags);
      assertKeepsRows(session.backend, flags.allowEviction);
      return session;
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  const session = async (): Promise<Session> => {
    opening ??= open();
    return await opening;
  };
  return { session, beginSession: () => void session().catch(() => {}), failed: failure.signal };
}

/** The path from here, as a shell takes it for one word. */
function quoted(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return /\s/.test(fromHere) ? `"${fromHere}"` : fromHere;
}
