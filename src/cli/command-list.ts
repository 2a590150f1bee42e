import type { Command } from "commander";

/** A command as the help lists it; what it needs is loaded when it is asked for. */
export interface ListedCommand {
  name: string;
  /** Its arguments, as the help shows them. */
  takes: string;
  summary: string;
  load: () => Promise<Command>;
}

/** Every command, in the order in which the help lists them. */
export const COMMAND_LIST: readonly ListedCommand[] = [
  {
    name: "init",
    takes: "",
    summary: "ask for token and account, check them, and write them into .env",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  {
    name: "export",
    takes: "",
    summary: "the live registry as a spreadsheet, ready to edit and run",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  {
    name: "plan",
    takes: "<file>",
    summary: "what a run would do; changes nothing",
    load: async () => (await import("./commands/plan.ts")).planCommand,
  },
  {
    name: "run",
    takes: "[file]",
    summary: "show the plan, ask, and carry it out",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  {
    name: "resume",
    takes: "[run]",
    summary: "let an unfinished run go on, and work on it",
    load: async () => (await import("./commands/resume.ts")).resumeCommand,
  },
  {
    name: "runs",
    takes: "",
    summary: "what runs there are, newest first",
    load: async () => (await import("./commands/runs.ts")).runsCommand,
  },
  {
    name: "status",
    takes: "[run]",
    summary: "how far a run is, and who asked what of it",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  {
    name: "pause",
    takes: "<run>",
    summary: "stop sending for a run; rows that wait keep waiting",
    load: async () => (await import("./commands/control.ts")).pauseCommand,
  },
  {
    name: "cancel",
    takes: "<run>",
    summary: "end a run; rows that were not tried are `cancelled`",
    load: async () => (await import("./commands/control.ts")).cancelCommand,
  },
  {
    name: "retry",
    takes: "[run]",
    summary: "the failed rows again, as a new run",
    load: async () => (await import("./commands/retry.ts")).retryCommand,
  },
  {
    name: "report",
    takes: "[run]",
    summary: "how every row of a run ended, as files",
    load: async () => (await import("./commands/report.ts")).reportCommand,
  },
  {
    name: "undo",
    takes: "[run]",
    summary: "put back the values from before a run, where nobody changed them since",
    load: async () => (await import("./commands/undo.ts")).undoCommand,
  },
  {
    name: "verify",
    takes: "[run]",
    summary: "do the entries still show what a run wrote?",
    load: async () => (await import("./commands/verify.ts")).verifyCommand,
  },
  {
    name: "evidence",
    takes: "[run]",
    summary: "what an auditor asks for: who approved what, before and after, as a chain of files",
    load: async () => (await import("./commands/evidence.ts")).evidenceCommand,
  },
  {
    name: "schedule",
    takes: "",
    summary: "keep the registry equal to a list, at set times",
    load: async () => (await import("./commands/schedule.ts")).scheduleCommand,
  },
  {
    name: "worker",
    takes: "",
    summary: "work on every run of this account until stopped (Redis and PostgreSQL)",
    load: async () => (await import("./commands/worker.ts")).workerCommand,
  },
  {
    name: "serve",
    takes: "",
    summary: "the dashboard, the HTTP API and metrics; works on every run, too",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
  {
    name: "notify",
    takes: "<test> <url>",
    summary: "send a test message to an address for notifications",
    load: async () => (await import("./commands/notify.ts")).notifyCommand,
  },
  {
    name: "doctor",
    takes: "",
    summary: "check settings, backend, token, permission, entitlement, clock and rate; changes nothing",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  {
    name: "demo",
    takes: "",
    summary: "the main job on a stand-in for the API: no account, no network, under a minute",
    load: async () => (await import("./commands/demo.ts")).demoCommand,
  },
];
