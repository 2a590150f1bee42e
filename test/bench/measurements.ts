import type { Measure } from "./measurement.ts";

export interface Measurement {
  /** `group` or `group.part`; both can be asked for. */
  name: string;
  title: string;
  /** It mostly waits, so that it may run beside others that do. */
  waits?: true;
  load: () => Promise<Measure>;
}

/** All that the bench measures, in the order of its table. */
export const MEASUREMENTS: readonly Measurement[] = [
  {
    name: "end-to-end",
    title: "Whole runs without a limit",
    load: async () => (await import("./measurements/end-to-end.ts")).measureEndToEnd,
  },
  {
    name: "budget.first-window",
    title: "1,200 requests in 5 minutes, in virtual time",
    load: async () => (await import("./measurements/first-window.ts")).measureFirstWindow,
  },
  {
    name: "budget.long-runs",
    title: "1,200 requests in 5 minutes, runs of several windows, in virtual time",
    load: async () => (await import("./measurements/long-runs.ts")).measureLongRuns,
  },
  {
    name: "budget.real-shape",
    title: "1,200 requests in 5 minutes: 1,000 updates in real time",
    waits: true,
    load: async () => (await import("./measurements/real-shape.ts")).measureRealShape,
  },
  {
    name: "budget.limit",
    title: "200 requests in 5 s: 1,000 updates in real time",
    waits: true,
    load: async () => (await import("./measurements/limit.ts")).measureLimit,
  },
  {
    name: "budget.strict",
    title: "A server that counts strictly: 120 requests in 3 s",
    load: async () => (await import("./measurements/strict.ts")).measureStrict,
  },
  {
    name: "reading",
    title: "Reading and checking a spreadsheet",
    load: async () => (await import("./measurements/reading.ts")).measureReading,
  },
  {
    name: "memory.plan",
    title: "Memory of a plan",
    load: async () => (await import("./measurements/plan-memory.ts")).measurePlanMemory,
  },
  {
    name: "memory.run",
    title: "Memory of a run",
    load: async () => (await import("./measurements/run-memory.ts")).measureRunMemory,
  },
  {
    name: "memory.report",
    title: "Memory of a report",
    load: async () => (await import("./measurements/report-memory.ts")).measureReportMemory,
  },
  {
    name: "memory.redis",
    title: "Memory in Redis",
    load: async () => (await import("./measurements/redis-memory.ts")).measureRedisMemory,
  },
  {
    name: "start.commands",
    title: "Start",
    load: async () => (await import("./measurements/start.ts")).measureStart,
  },
  {
    name: "start.first-patch",
    title: "The first PATCH",
    load: async () => (await import("./measurements/first-patch.ts")).measureFirstPatch,
  },
  {
    name: "idle",
    title: "A worker that has nothing to do",
    waits: true,
    load: async () => (await import("./measurements/idle.ts")).measureIdle,
  },
  {
    name: "reconciliation",
    title: "Requests of a reconciliation",
    load: async () => (await import("./measurements/reconciliation.ts")).measureReconciliation,
  },
  {
    name: "stores",
    title: "Rows of a large run",
    load: async () => (await import("./measurements/stores.ts")).measureStores,
  },
  {
    name: "dashboard.pages",
    title: "Pages of the dashboard",
    load: async () => (await import("./measurements/dashboard-pages.ts")).measureDashboardPages,
  },
  {
    name: "dashboard.watched",
    title: "200 event streams and 20 requests a second",
    load: async () => (await import("./measurements/dashboard-watched.ts")).measureDashboardWatched,
  },
];

/** Those that the names ask for, each once; all where there is no name. Throws RangeError for a name that is none. */
export function measurementsOf(names: readonly string[], all = MEASUREMENTS): readonly Measurement[] {
  const isAsked = (name: string, { name: own }: Measurement): boolean => own === name || own.startsWith(`${name}.`);
  for (const name of names) {
    if (all.some((one) => isAsked(name, one))) continue;
    throw new RangeError(`there is no measurement ${name}, only ${all.map((one) => one.name).join(", ")}`);
  }
  return names.length === 0 ? all : all.filter((one) => names.some((name) => isAsked(name, one)));
}
