import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Measurement, measurementsOf } from "./measurements.ts";
import { type BenchReport, describeMachine, missedGoals, renderJson, renderMarkdown, renderText } from "./report.ts";
import { runMeasurement } from "./run-measurement.ts";

/*
 * npm run bench -- [NAME …] [--json FILE] [--markdown FILE] [--long]: measures everything, or what is named, and prints one table.
 * Ends with 1 when a goal is missed, and says which.
 */

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

try {
  const { names, long, json, markdown } = readArguments();
  const report = await runAll(measurementsOf(names), long);
  process.stdout.write(renderText(report));
  if (json !== undefined) await writeFile(json, renderJson(report));
  if (markdown !== undefined) await writeFile(markdown, renderMarkdown(report));
  const missed = missedGoals(report);
  if (missed.length > 0) {
    process.stdout.write(`\nMissed:\n${missed.map((line) => `  ${line}\n`).join("")}`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof RangeError) && !stop.signal.aborted) throw error;
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = stop.signal.aborted ? 130 : 2;
}

/** Throws RangeError for what is no argument. */
function readArguments(): { names: string[]; long: boolean; json: string | undefined; markdown: string | undefined } {
  const options = { json: { type: "string" }, markdown: { type: "string" }, long: { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    return { names: positionals, long: values.long ?? false, json: values.json, markdown: values.markdown };
  } catch (error) {
    throw new RangeError((error as Error).message);
  }
}

/** One after the other, and at the end, side by side, those that mostly wait. */
async function runAll(measurements: readonly Measurement[], long: boolean): Promise<BenchReport> {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-bench-"));
  await chmod(folder, 0o755); // PostgreSQL runs as another user
  const found = new Map<string, BenchReport["measurements"][number]>();
  let begun = 0;
  const run = async ({ name, title }: Measurement): Promise<void> => {
    begun += 1;
    process.stderr.write(`[${begun}/${measurements.length}] ${name}\n`);
    found.set(name, {
      name,
      title,
      ...(await runMeasurement({ name, folder, long, signal: stop.signal })),
    });
  };
  try {
    for (const measurement of measurements.filter(({ waits }) => !waits)) await run(measurement);
    await Promise.all(measurements.filter(({ waits }) => waits).map(run));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    machine: describeMachine(),
    startedAt,
    seconds: (Date.now() - startedAt) / 1_000,
    measurements: measurements.map(({ name }) => found.get(name)!),
  };
}
