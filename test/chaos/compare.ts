import { isDeepStrictEqual } from "node:util";
import type { DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import type { LimitSettings } from "../../src/demo/request-limit.ts";
import type { SampleSpreadsheet } from "../../src/demo/sample-spreadsheet.ts";
import type { RunView } from "../../src/runs/view.ts";

/** Each row has the outcome that it must have, once, and they add up. Answers the differences, as all here do. */
export function compareReport(sheet: SampleSpreadsheet, reported: Map<number, string>, run: RunView): string[] {
  const problems = sheet.expected
    .filter(({ row, outcome }) => reported.get(row) !== outcome)
    .map(({ row, outcome }) => `row ${row} should be ${outcome} and is reported as ${reported.get(row)}`);
  const counted = Object.values(run.outcomes).reduce((sum, count) => sum + count, 0);
  if (counted !== sheet.expected.length) problems.push(`${counted} outcomes for ${sheet.expected.length} rows`);
  if (reported.size !== sheet.expected.length)
    problems.push(`${reported.size} rows in the report instead of ${sheet.expected.length}`);
  return problems;
}

/** Each entry has just the values that the report says it has; what no row is about was not touched. */
export function compareRegistry(sheet: SampleSpreadsheet, before: DemoEntry[], api: DemoApi): string[] {
  const changed = new Map(sheet.expected.filter(({ set }) => set !== null).map(({ entryId, set }) => [entryId!, set!]));
  return before.flatMap((old) => {
    const { modified_at: _m, last_modified: _l, ...now } = api.registry.get(old.id)!;
    const { modified_at: _n, last_modified: _k, ...wanted } = { ...old, ...changed.get(old.id) };
    return isDeepStrictEqual(now, wanted)
      ? []
      : [`entry ${old.id} is ${JSON.stringify(now)} instead of ${JSON.stringify(wanted)}`];
  });
}

/** No window went over the limit. `planned`: answers of 429 that the round asked for. */
export function compareBudget(
  api: DemoApi,
  limit: Pick<LimitSettings, "requests" | "windowMs">,
  planned = 0,
): string[] {
  const most = api.mostInWindow(limit.windowMs);
  const throttled = api.requests().filter(({ status }) => status === 429).length - planned;
  return [
    ...(most > limit.requests ? [`${most} requests in ${limit.windowMs} ms, ${limit.requests} are allowed`] : []),
    ...(throttled > 0 ? [`${throttled} requests were answered 429`] : []),
  ];
}
