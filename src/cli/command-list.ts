import type { Command } from "commander";
import { makeCommand } from "./command.ts";

/** A command as the help lists it; how it is used is loaded when it is asked for, and what it does when that is right. */
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
    load: async () =>
      makeCommand((await import("./usage/init.ts")).initUsage, async () => (await import("./commands/init.ts")).doInit),
  },
  {
    name: "export",
    takes: "",
    summary: "the live registry as a spreadsheet, ready to edit and run",
    load: async () =>
      makeCommand(
        (await import("./usage/export.ts")).exportUsage,
        async () => (await import("./commands/export.ts")).doExport,
      ),
  },
  {
    name: "plan",
    takes: "<file>",
    summary: "what a run would do; changes nothing",
    load: async () =>
      makeCommand((await import("./usage/plan.ts")).planUsage, async () => (await import("./commands/plan.ts")).doPlan),
  },
  {
    name: "run",
    takes: "[file]",
    summary: "show the plan, ask, and carry it out",
    load: async () =>
      makeCommand((await import("./usage/run.ts")).runUsage, async () => (await import("./commands/run.ts")).doRun),
  },
  {
    name: "resume",
    takes: "[run]",
    summary: "let an unfinished run go on, and work on it",
    load: async () =>
      makeCommand(
        (await import("./usage/resume.ts")).resumeUsage,
        async () => (await import("./commands/resume.ts")).doResume,
      ),
  },
  {
    name: "runs",
    takes: "",
    summary: "what runs there are, newest first",
    load: async () =>
      makeCommand((await import("./usage/runs.ts")).runsUsage, async () => (await import("./commands/runs.ts")).doRuns),
  },
  {
    name: "status",
    takes: "[run]",
    summary: "how far a run is, who works on it, and who asked what of it",
    load: async () =>
      makeCommand(
        (await import("./usage/status.ts")).statusUsage,
        async () => (await import("./commands/status.ts")).doStatus,
      ),
  },
  {
    name: "pause",
    takes: "<run>",
    summary: "stop sending for a run; rows that wait keep waiting",
    load: async () =>
      makeCommand(
        (await import("./usage/control.ts")).pauseUsage,
        async () => (await import("./commands/control.ts")).doPause,
      ),
  },
  {
    name: "cancel",
    takes: "<run>",
    summary: "end a run; rows that were not tried are `cancelled`",
    load: async () =>
      makeCommand(
        (await import("./usage/control.ts")).cancelUsage,
        async () => (await import("./commands/control.ts")).doCancel,
      ),
  },
  {
    name: "retry",
    takes: "[run]",
    summary: "the failed rows again, as a new run",
    load: async () =>
      makeCommand(
        (await import("./usage/retry.ts")).retryUsage,
        async () => (await import("./commands/retry.ts")).doRetry,
      ),
  },
  {
    name: "report",
    takes: "[run]",
    summary: "how every row of a run ended, as files",
    load: async () =>
      makeCommand(
        (await import("./usage/report.ts")).reportUsage,
        async () => (await import("./commands/report.ts")).doReport,
      ),
  },
  {
    name: "undo",
    takes: "[run]",
    summary: "put back the values from before a run, where nobody changed them since",
    load: async () =>
      makeCommand((await import("./usage/undo.ts")).undoUsage, async () => (await import("./commands/undo.ts")).doUndo),
  },
  {
    name: "verify",
    takes: "[run]",
    summary: "do the entries still show what a run wrote?",
    load: async () =>
      makeCommand(
        (await import("./usage/verify.ts")).verifyUsage,
        async () => (await import("./commands/verify.ts")).doVerify,
      ),
  },
  {
    name: "evidence",
    takes: "[run]",
    summary: "what an auditor asks for: who approved what, before and after, as a chain of files",
    load: async () =>
      makeCommand(
        (await import("./usage/evidence.ts")).evidenceUsage,
        async () => (await import("./commands/evidence.ts")).doEvidence,
      ),
  },
  {
    name: "schedule",
    takes: "",
    summary: "keep the registry equal to a list, at set times",
    load: async () => (await import("./schedule-command.ts")).makeScheduleCommand(),
  },
  {
    name: "worker",
    takes: "",
    summary: "work on every run of this account until stopped (Redis and PostgreSQL)",
    load: async () =>
      makeCommand(
        (await import("./usage/worker.ts")).workerUsage,
        async () => (await import("./commands/worker.ts")).doWorker,
      ),
  },
  {
    name: "serve",
    takes: "",
    summary: "the dashboard, the HTTP API and metrics; works on every run, too",
    load: async () =>
      makeCommand(
        (await import("./usage/serve.ts")).serveUsage,
        async () => (await import("./commands/serve.ts")).doServe,
      ),
  },
  {
    name: "notify",
    takes: "<test> <url>",
    summary: "send a test message to an address for notifications",
    load: async () =>
      makeCommand(
        (await import("./usage/notify.ts")).notifyUsage,
        async () => (await import("./commands/notify.ts")).doNotify,
      ),
  },
  {
    name: "doctor",
    takes: "",
    summary: "check settings, backend, token, permission, entitlement, clock and rate; changes nothing",
    load: async () =>
      makeCommand(
        (await import("./usage/doctor.ts")).doctorUsage,
        async () => (await import("./commands/doctor.ts")).doDoctor,
      ),
  },
  {
    name: "demo",
    takes: "",
    summary: "the main job on a stand-in for the API: no account, no network, under a minute",
    load: async () =>
      makeCommand((await import("./usage/demo.ts")).demoUsage, async () => (await import("./commands/demo.ts")).doDemo),
  },
];
