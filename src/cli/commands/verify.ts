import { type Verification, verifyRun } from "../../report/verify.ts";
import { assertAccount, findRun } from "../../runs/control.ts";
import { countOf, formatCount } from "../../wording.ts";
import { EXIT } from "../exit-codes.ts";
import { openSession, registryOf } from "../session.ts";
import { listenForStop } from "../signals.ts";
import type { Terminal } from "../terminal.ts";
import type { verifyUsage } from "../usage/verify.ts";
import type { Work } from "../usage.ts";

/** Rows of each kind that are shown; `--json` has all. */
const SHOWN = 20;

export const doVerify: Work<typeof verifyUsage> = async ({ id }, { config, terminal }) => {
  const session = await openSession(config, terminal);
  const stop = listenForStop(terminal, "Stopping.");
  const registry = await registryOf(session);
  const client = registry.connect();
  try {
    const run = await findRun(session.backend, id);
    assertAccount(run, registry.api.accountId);
    const listing = client.list({
      signal: stop.signal,
      onProgress: ({ entries }) => terminal.redraw(`listing the registry: ${formatCount(entries)} entries`),
    });
    const verification = await verifyRun(run.id, () => session.backend.rows.all(run.id), listing);
    show(verification, terminal);
    terminal.printJson(verification);
    return verification.same === verification.checked ? EXIT.done : EXIT.different;
  } finally {
    stop.release();
    await client.close();
    await session.close();
  }
};

function show({ run, checked, same, different, gone }: Verification, { print, style }: Terminal): void {
  print(
    style(
      "bold",
      `${run}: ${formatCount(same)} of ${countOf(checked, "updated row")} ${same === 1 ? "is" : "are"} still as written`,
    ),
  );
  for (const { row, impersonation_registry_id: id, field, expected, found } of different.slice(0, SHOWN)) {
    print(`  row ${row}  ${id}: ${field} is ${JSON.stringify(found)}, written was ${JSON.stringify(expected)}`);
  }
  for (const { row, impersonation_registry_id: id } of gone.slice(0, SHOWN)) {
    print(`  row ${row}  ${id}: the entry does not exist any more`);
  }
  const more = Math.max(0, different.length - SHOWN) + Math.max(0, gone.length - SHOWN);
  if (more > 0) print(style("dim", `  … and ${formatCount(more)} more; --json has all`));
}
