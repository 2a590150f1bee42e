import { noOutcomes, OUTCOMES } from "../../runs/outcome.ts";
import type { NewRun, Run, RunEvent, RunState } from "../../runs/run.ts";

/** The fields of a new run's hash, as HSET takes them. Empty text stands for null. */
export function encodeRun(run: NewRun, event: RunEvent): string[] {
  const fields: Record<string, string> = {
    id: run.id,
    name: run.name,
    state: run.state,
    reason: run.reason ?? "",
    source: JSON.stringify(run.source),
    options: JSON.stringify(run.options),
    accountId: run.accountId,
    retryOf: run.retryOf ?? "",
    events: JSON.stringify([event]),
    reportDir: run.reportDir ?? "",
    createdAt: String(run.createdAt),
    finishedAt: "",
  };
  return Object.entries(fields).flat();
}

/** Null for the empty hash, which is what Redis answers where there is none. */
export function decodeRun(fields: Record<string, string>): Run | null {
  const { id, state } = fields;
  if (id === undefined || state === undefined) return null;
  const text = (name: string): string => fields[name] ?? "";
  const count = (name: string): number => Number(fields[`#${name}`] ?? 0);
  const outcomes = noOutcomes();
  for (const outcome of OUTCOMES) outcomes[outcome] = count(outcome);
  return {
    id,
    name: text("name"),
    state: state as RunState,
    reason: text("reason") || null,
    source: JSON.parse(text("source")),
    options: JSON.parse(text("options")),
    accountId: text("accountId"),
    retryOf: text("retryOf") || null,
    rows: count("rows"),
    outcomes,
    requests: {
      total: count("requests.total"),
      retries: count("requests.retries"),
      throttled: count("requests.throttled"),
    },
    events: JSON.parse(text("events")),
    reportDir: text("reportDir") || null,
    createdAt: Number(text("createdAt")),
    finishedAt: text("finishedAt") === "" ? null : Number(text("finishedAt")),
  };
}
