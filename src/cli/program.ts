import { Command } from "commander";
import { VERSION } from "../version.ts";
import { cancelCommand, pauseCommand } from "./commands/control.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evidenceCommand } from "./commands/evidence.ts";
import { exportCommand } from "./commands/export.ts";
import { initCommand } from "./commands/init.ts";
import { notifyCommand } from "./commands/notify.ts";
import { planCommand } from "./commands/plan.ts";
import { reportCommand } from "./commands/report.ts";
import { resumeCommand } from "./commands/resume.ts";
import { retryCommand } from "./commands/retry.ts";
import { runCommand } from "./commands/run.ts";
import { runsCommand } from "./commands/runs.ts";
import { scheduleCommand } from "./commands/schedule.ts";
import { serveCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { undoCommand } from "./commands/undo.ts";
import { verifyCommand } from "./commands/verify.ts";
import { workerCommand } from "./commands/worker.ts";

/** The whole command line. */
export const program = new Command("bulkpatch")
  .description("Bulk updates of a Cloudflare Email Security impersonation registry, from a spreadsheet.")
  .version(VERSION)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

for (const command of [
  initCommand,
  exportCommand,
  planCommand,
  runCommand,
  resumeCommand,
  runsCommand,
  statusCommand,
  pauseCommand,
  cancelCommand,
  retryCommand,
  reportCommand,
  undoCommand,
  verifyCommand,
  evidenceCommand,
  scheduleCommand,
  workerCommand,
  serveCommand,
  notifyCommand,
  doctorCommand,
  demoCommand,
]) {
  program.addCommand(command);
}
program.addHelpText(
  "after",
  `
Exit codes: 0 done, nothing rejected or failed · 1 could not be done · 2 usage · 3 done, but rows were rejected or failed · 4 halted or held · 5 differences found where none were expected · 130 interrupted

Start with:
  bulkpatch init               set token and account
  bulkpatch doctor             are the settings right?
  bulkpatch plan changes.csv   what would be done?
  bulkpatch run changes.csv    do it`,
);
