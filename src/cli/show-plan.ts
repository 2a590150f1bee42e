import { type Outcome, OUTCOME_LABELS, OUTCOMES } from "../runs/outcome.ts";
import type { RunRow } from "../runs/run.ts";
import { askedInFile } from "../report/asked.ts";
import { renderChanges } from "../report/changes-text.ts";
import { clip } from "../report/clip.ts";
import type { Plan } from "../plan/make-plan.ts";
import { visibleText } from "../visible-text.ts";
import type { Terminal } from "./terminal.ts";
import { countOf, formatCount } from "../wording.ts";
import type { BudgetView } from "../budget/budget-view.ts";
import type { Config } from "../config.ts";
import type { Registry } from "../registry/open-registry.ts";
import { type AnswerPace, renderTimeNeeded } from "./budget-text.ts";

/** Rows of each kind that are shown before the question. */
const SHOWN = { updates: 5, alike: 2 } as const;

/** Characters of one value and of one message that a line shows. */
const MOST = { value: 60, message: 240 } as const;

const LABEL_WIDTH = 26;

export interface ShowPlanOptions {
  /** Every row in the spreadsheet's order, instead of the first of each kind. */
  all?: boolean;
  /** What shows every row, said where some are left out: a flag, a command. */
  seeAll?: string;
  /** The source's column names, by which rows that contradict each other are told apart. */
  header?: readonly string[];
  /** False where nothing was compared, so that the values from before are not known. */
  oldValuesKnown?: boolean;
}

/** What a run's time depends on. */
export interface Speed {
  budget: BudgetView;
  answers: AnswerPace;
}

/** With what is known by now of how fast the API answers. */
export function speedOf(
  registry: Pick<Registry, "quickestAnswerMs">,
  budget: BudgetView,
  { concurrency }: Pick<Config, "concurrency">,
): Speed {
  return { budget, answers: { answerMs: registry.quickestAnswerMs(), atATime: concurrency } };
}

/** Prints what a run would do: the numbers, how long it takes, and rows as old → new. Holds a few rows, however many there are. */
export async function showPlan(
  plan: Omit<Plan, "close">,
  sourceName: string,
  speed: Speed,
  terminal: Terminal,
  options: ShowPlanOptions = {},
): Promise<void> {
  showNumbers(plan, sourceName, speed, terminal);
  await (options.all ? showEveryRow(plan, terminal, options) : showFirstRows(plan, terminal, options));
}

function showNumbers(
  plan: Omit<Plan, "close">,
  sourceName: string,
  { budget, answers }: Speed,
  { print, style }: Terminal,
): void {
  for (const note of plan.notes) print(`${style("cyan", "note:")} ${visibleText(note)}`);
  print(style("bold", `${visibleText(sourceName)}: ${countOf(plan.rows, "row")}`));
  const { update, outcomes } = plan.summary;
  const takes = update > 0 ? `   ${renderTimeNeeded(update, budget, answers)}` : "";
  print(`  ${style("green", "To update".padEnd(LABEL_WIDTH))}${formatCount(update).padStart(8)}${takes}`);
  for (const outcome of OUTCOMES) {
    if (outcomes[outcome] > 0)
      print(`  ${OUTCOME_LABELS[outcome].padEnd(LABEL_WIDTH)}${formatCount(outcomes[outcome]).padStart(8)}`);
  }
  if (plan.registrySize !== null)
    print(
      style(
        "dim",
        `  compared with ${countOf(plan.registrySize, "entry", "entries")} in the registry, ${countOf(plan.requests, "request")}`,
      ),
    );
}

async function showEveryRow(
  plan: Omit<Plan, "close">,
  { print, style }: Terminal,
  { header = [], oldValuesKnown = true }: ShowPlanOptions,
): Promise<void> {
  print(style("bold", "Every row"));
  for await (const row of plan.decided()) {
    if (row.result === null) {
      print(`  row ${row.row}  ${style("green", "To update")}: ${updateLine(row, oldValuesKnown)}`);
    } else {
      const { outcome, message } = row.result;
      const label = outcome === "unchanged" ? OUTCOME_LABELS[outcome] : style("yellow", OUTCOME_LABELS[outcome]);
      print(`  row ${row.row}  ${label}${message === null ? "" : `: ${reasonLine(row, header)}`}`);
    }
    for (const { code, message } of row.warnings ?? [])
      print(`      ${style("yellow", `warning ${code}`)}: ${messageLine(message)}`);
  }
}

async function showFirstRows(
  plan: Omit<Plan, "close">,
  { print, style }: Terminal,
  { seeAll, header = [], oldValuesKnown = true }: ShowPlanOptions,
): Promise<void> {
  const updates: RunRow[] = [];
  const warned = new Map<string, { row: number; message: string }[]>();
  const rejected = new Map<Outcome, RunRow[]>();
  for await (const row of plan.decided()) {
    for (const { code, message } of row.warnings ?? []) keep(warned, code, { row: row.row, message });
    if (row.result === null) {
      if (updates.length < SHOWN.updates) updates.push(row);
    } else if (row.result.outcome !== "unchanged") {
      keep(rejected, row.result.outcome, row);
    }
  }
  let leftOut = 0;
  const more = (all: number, shown: number): void => {
    if (all > shown) print(style("dim", `  … and ${countOf(all - shown, "more row")}`));
    leftOut += all - shown;
  };

  if (updates.length > 0) print(style("bold", "Updates"));
  for (const row of updates) print(`  row ${row.row}  ${updateLine(row, oldValuesKnown)}`);
  more(plan.summary.update, updates.length);

  if (warned.size > 0) print(style("bold", "Warnings: look at these rows first"));
  for (const [code, alike] of warned) {
    for (const { row, message } of alike) print(`  row ${row}  ${style("yellow", code)}: ${messageLine(message)}`);
    more(plan.warnings[code]!, alike.length);
  }

  if (rejected.size > 0) print(style("bold", "Rows that are not sent"));
  for (const [outcome, alike] of rejected) {
    for (const row of alike)
      print(`  row ${row.row}  ${style("yellow", OUTCOME_LABELS[outcome])}: ${reasonLine(row, header)}`);
    more(plan.summary.outcomes[outcome], alike.length);
  }
  if (leftOut > 0 && seeAll !== undefined) print(`See every row with: ${seeAll}`);
}

function keep<K, V>(kinds: Map<K, V[]>, kind: K, value: V): void {
  const alike = kinds.get(kind) ?? [];
  if (alike.length < SHOWN.alike) kinds.set(kind, [...alike, value]);
}

function updateLine(row: RunRow, oldValuesKnown: boolean): string {
  const entry = clip(row.entryEmail ?? row.entryId ?? "", MOST.value);
  return visibleText(`${entry}: ${renderChanges(row.changes!, oldValuesKnown, MOST.value)}`);
}

/** Why a row is not sent; of rows that contradict each other also what it asks for. */
function reasonLine(row: RunRow, header: readonly string[]): string {
  const { outcome, message } = row.result!;
  const why = messageLine(message ?? "");
  return outcome === "rejected_duplicate" ? `${why}; this one for ${messageLine(askedInFile(row, header))}` : why;
}

function messageLine(message: string): string {
  return visibleText(clip(message, MOST.message));
}
