import { expect, test } from "vitest";
import { renderChart, segmentsOf } from "../../../src/report/page/chart.ts";
import { noOutcomes, type OutcomeCounts, totalOf } from "../../../src/runs/outcome.ts";

function counted(outcomes: Partial<OutcomeCounts>, rows?: number) {
  const counts = { ...noOutcomes(), ...outcomes };
  return { outcomes: counts, rows: rows ?? totalOf(counts), source: { rows: rows ?? totalOf(counts) } };
}

function widthsOf(svg: string): number[] {
  return [...svg.matchAll(/ width="([\d.]+)"/g)].map(([, width]) => Number(width));
}

test("cuts the bar by what is to be done; the pieces add up to the rows", () => {
  const run = counted({ updated: 5, rejected_invalid: 2, rejected_conflict: 1, failed: 1 }, 12);
  expect(segmentsOf(run).map(({ label, rows }) => `${label} ${rows}`)).toEqual([
    "Updated 5",
    "To fix 3",
    "Failed 1",
    "No outcome yet 3",
  ]);
});

test("lets one row in a million still be seen, and fills the bar exactly", () => {
  const widths = widthsOf(renderChart(counted({ updated: 1_000_000, rejected_directory_synced: 1, failed: 1 })).text);
  expect(widths).toHaveLength(3);
  expect(Math.min(...widths)).toBeGreaterThanOrEqual(10);
  expect(widths.reduce((sum, width) => sum + width, 0) + 2 * 3).toBeCloseTo(1_000, 0);
});

test("draws nothing for a run without rows", () => {
  expect(renderChart(counted({})).text).toBe("");
});
