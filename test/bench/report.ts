import { availableParallelism, cpus } from "node:os";
import { type Figure, type Goal, renderGoal, renderMeasured } from "./figure.ts";

/** All that one run of the bench found. */
export interface BenchReport {
  machine: { cores: number; cpu: string; node: string; platform: string };
  /** Epoch milliseconds. */
  startedAt: number;
  seconds: number;
  measurements: { name: string; title: string; figures: Figure[]; seconds: number }[];
}

export function describeMachine(): BenchReport["machine"] {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** `what`, with its measurement, of all figures that miss their goal. */
export function missedGoals({ measurements }: Pick<BenchReport, "measurements">): string[] {
  return measurements.flatMap(({ name, figures }) =>
    figures
      .filter(({ met }) => met === false)
      .map((one) => `${name}: ${one.what}: ${renderMeasured(one)} (goal ${renderGoal(one)})`),
  );
}

export function renderText(report: BenchReport): string {
  const lines = report.measurements.flatMap(({ figures }) => figures.map(cellsOf));
  const widthOf = (column: number): number => Math.max(0, ...lines.map((cells) => cells[column]!.length));
  const [what, measured, goal] = [widthOf(0), widthOf(1), widthOf(2)];
  const tables = report.measurements.map(({ title, figures }) => {
    const rows = figures.map(cellsOf).map((cells) => {
      const columns = [cells[0]!.padEnd(what), cells[1]!.padStart(measured), cells[2]!.padEnd(goal), cells[3]!];
      return `  ${columns.join("  ").trimEnd()}`;
    });
    return `${title}\n${rows.join("\n")}\n`;
  });
  return `${headline(report)}\n\n${tables.join("\n")}`;
}

export function renderMarkdown(report: BenchReport): string {
  const tables = report.measurements.map(({ title, figures }) => {
    const rows = figures.map((one) => `| ${cellsOf(one).map(escapeCell).join(" | ")} |`);
    return `| ${escapeCell(title)} | measured | goal | |\n|---|--:|---|---|\n${rows.join("\n")}\n`;
  });
  return `${headline(report)}\n\n${tables.join("\n")}`;
}

/** As the other JSON of the program: snake_case, times in ISO 8601. */
export function renderJson(report: BenchReport): string {
  const { machine, startedAt, seconds, measurements } = report;
  const document = {
    machine,
    started_at: new Date(startedAt).toISOString(),
    seconds: Math.round(seconds),
    figures: measurements.flatMap(({ name, figures }) =>
      figures.map(({ goal, ...one }) => ({ measurement: name, ...one, goal: jsonGoal(goal) })),
    ),
    missed: missedGoals(report),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function headline({ machine, startedAt, seconds }: BenchReport): string {
  const { cores, cpu, node, platform } = machine;
  const date = new Date(startedAt).toISOString().slice(0, 10);
  return `${date}: ${cores} cores (${cpu}), Node ${node}, ${platform}; all figures of one run of ${Math.round(seconds)} s`;
}

function cellsOf(one: Figure): string[] {
  return [one.what, renderMeasured(one), renderGoal(one), one.met === null ? "" : one.met ? "met" : "MISSED"];
}

function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}

function jsonGoal(goal: Goal | null): { at_least: number } | { at_most: number } | null {
  if (goal === null) return null;
  return "atLeast" in goal ? { at_least: goal.atLeast } : { at_most: goal.atMost };
}
