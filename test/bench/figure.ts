/** What a figure has to reach; both bounds belong to it. */
export type Goal = { atLeast: number } | { atMost: number };

/** One line of the bench's table. */
export interface Figure {
  what: string;
  measured: number;
  /** What `measured` counts: `times` for a ratio. */
  unit: string;
  /** Null: shown for comparison. */
  goal: Goal | null;
  /** Null where there is no goal. What could not be measured does not meet its goal. */
  met: boolean | null;
}

export function figure(what: string, measured: number, unit: string, goal: Goal | null = null): Figure {
  return { what, measured, unit, goal, met: goal && isMet(measured, goal) };
}

function isMet(measured: number, goal: Goal): boolean {
  if (!Number.isFinite(measured)) return false;
  return "atLeast" in goal ? measured >= goal.atLeast : measured <= goal.atMost;
}

/** Two decimals where they say something; never rounded over a goal. */
export function renderMeasured({ measured, unit, goal }: Figure): string {
  if (!Number.isFinite(measured)) return "none";
  return `${renderNumber(towards(measured, goal))} ${unit}`.trimEnd();
}

export function renderGoal({ goal, unit }: Figure): string {
  if (goal === null) return "";
  const text = "atLeast" in goal ? `≥ ${renderNumber(goal.atLeast)}` : `≤ ${renderNumber(goal.atMost)}`;
  return `${text} ${unit}`.trimEnd();
}

function renderNumber(value: number): string {
  const digits = Math.abs(value) < 100 && !Number.isInteger(value) ? 2 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

/** A figure that misses its goal by less than is shown is rounded away from it: `1.99`, not `2`, where 2 are wanted. */
function towards(measured: number, goal: Goal | null): number {
  if (goal === null) return measured;
  const unit = Math.abs(measured) < 100 ? 100 : 1;
  const rounded = Math.round(measured * unit) / unit;
  if (isMet(measured, goal) === isMet(rounded, goal)) return measured;
  return ("atLeast" in goal ? Math.floor(measured * unit) : Math.ceil(measured * unit)) / unit;
}
