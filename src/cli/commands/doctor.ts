import { readConfig } from "../../config.ts";
import { checkBackend, checkRegistry, checkSettings, type Finding } from "../../doctor/checks.ts";
import { settingsIn } from "../common-flags.ts";
import { EXIT } from "../exit-codes.ts";
import { type LightSession, openLightSession, registryOf } from "../session.ts";
import { showFinding } from "../show-finding.ts";
import type { doctorUsage } from "../usage/doctor.ts";
import type { Work } from "../usage.ts";

export const doDoctor: Work<typeof doctorUsage> = async (_wanted, { flags, terminal }) => {
  const findings: Finding[] = [];
  const add = (finding: Finding): void => {
    findings.push(finding);
    showFinding(finding, terminal);
  };
  const settings = readConfig({ flags: settingsIn(flags), cwd: process.cwd(), needsApi: true });
  const { config, wrong } = settings;
  add(checkSettings(settings));
  const quiet = { ...terminal, note: () => undefined };
  let session: LightSession | null = null;
  try {
    // What takes the place of an address that is wrong is another backend.
    if (!wrong.has("BULKPATCH_BACKEND_URL"))
      add(
        await checkBackend(async () => {
          session = await openLightSession(config, quiet);
          const { kind, address, warnings } = session.backend;
          const workers = kind === "embedded" ? null : (await (await session.backend.whole()).presence.list()).length;
          return { kind, address, warnings, workers };
        }),
      );
    if (session !== null && config.api !== null) {
      for await (const finding of checkRegistry(await registryOf(session), config.api, config.rate)) add(finding);
    }
  } finally {
    await (session as LightSession | null)?.close();
  }
  const healthy = findings.every(({ ok }) => ok);
  terminal.print(healthy ? "All is well." : "Mend what is marked, then run doctor again.");
  terminal.printJson({ healthy, checks: findings });
  return healthy ? EXIT.done : EXIT.couldNot;
};
