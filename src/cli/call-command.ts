import { InterruptedError, isExplained } from "../explained-error.ts";
import { keepHeapLean } from "../lean-heap.ts";
import { HaltError } from "../registry/errors.ts";
import { type CommonFlags, settingsIn } from "./common-flags.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { explainByCode } from "./remedies.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { startTracing } from "./trace.ts";
import type { Usage, Work } from "./usage.ts";
import { UsageError } from "./usage-error.ts";

/** Calls a command: first what was given is checked, then the settings, then its work is loaded and done. Errors become one line and an exit code. */
export async function callCommand<Flags, Wanted>(
  usage: Usage<Flags, Wanted>,
  load: () => Promise<Work<Usage<Flags, Wanted>>>,
  args: readonly string[],
  flags: Flags & CommonFlags,
): Promise<ExitCode> {
  const terminal = openTerminal(flags.json === true);
  try {
    const wanted = usage.read(args, flags, terminal);
    const { readConfig } = await import("../config.ts");
    const { config, error } = readConfig({
      flags: settingsIn(flags),
      cwd: process.cwd(),
      needsApi: usage.needsApi,
    });
    if (error !== null && usage.despiteSettings !== true) throw error;
    for (const warning of config.warnings) terminal.warn(warning);
    usage.check?.(config);
    const stopTracing = await startTracing(usage.needsApi ? config.tracing : null, terminal.warn);
    try {
      const work = await load();
      keepHeapLean();
      return await work(wanted, { flags, config, terminal });
    } finally {
      await stopTracing();
    }
  } catch (error) {
    return report(error, terminal);
  }
}

function report(error: unknown, terminal: Terminal): ExitCode {
  if ((error as NodeJS.ErrnoException | null)?.code === "EPIPE") return EXIT.done; // `bulkpatch … | head`
  const explained = explain(error);
  if (explained === null) {
    const { stack, message } = error instanceof Error ? error : { stack: undefined, message: String(error) };
    terminal.note(`${terminal.style("red", "bug:")} ${stack ?? message}`);
    terminal.printJson({ error: { code: "bug", message, remedy: "please report it, with the lines above" } });
    return EXIT.couldNot;
  }
  const kind = error instanceof InterruptedError ? "stopped:" : "error:";
  const { code, message, remedy } = explained;
  terminal.note(`${terminal.style("red", kind)} ${message}\n  ${terminal.style("dim", "→")} ${remedy}`);
  terminal.printJson({ error: { code, message, remedy } });
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return error instanceof HaltError ? EXIT.halted : EXIT.couldNot;
}

/** What is shown of an error that a person can act on, with the command that gets further; null for our own bug. */
function explain(error: unknown): { code: string; message: string; remedy: string } | null {
  if (!isExplained(error)) return explainByCode(error);
  const { code, message, remedy } = error;
  const goesOn = error instanceof InterruptedError && error.run !== null;
  return { code, message, remedy: goesOn ? `\`bulkpatch resume ${error.run}\` goes on` : remedy };
}
