import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Config, ConfigError, loadConfig, readEnvironment } from "../../config.ts";
import { checkRegistry } from "../../doctor/checks.ts";
import { writePrivateFile } from "../../report/private-file.ts";
import { ask } from "../ask.ts";
import { type CommonFlags, settingsIn } from "../common-flags.ts";
import { withSettings } from "../env-file.ts";
import { EXIT } from "../exit-codes.ts";
import { openLightSession, registryOf } from "../session.ts";
import { showFinding } from "../show-finding.ts";
import type { Terminal } from "../terminal.ts";
import type { initUsage } from "../usage/init.ts";
import type { Work } from "../usage.ts";

/** Stands for the account while only the token is known. */
const SOME_ACCOUNT = "0".repeat(32);

export const doInit: Work<typeof initUsage> = async (_wanted, { flags, terminal }) => {
  const path = resolve(".env");
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (before !== "") terminal.note(`${path} is there already: what is asked for is replaced in it, the rest stays.`);
  terminal.note(
    `An API token with "Cloud Email Security: Write" is made on dash.cloudflare.com/profile/api-tokens.
The account's id is the long part of the dashboard's address: dash.cloudflare.com/<account id>`,
  );
  const token = await askUntil(terminal, async () => {
    const answer = (await ask("API token (it is not shown): ", { hidden: true })).replace(/^bearer\s+/i, "");
    settingsFrom(flags, answer, SOME_ACCOUNT);
    return answer;
  });
  const config = await askUntil(terminal, async () => {
    const answer = flags.accountId ?? (await ask("Account id, or the dashboard's address: "));
    return settingsFrom({ ...flags, accountId: undefined }, token, /[0-9a-f]{32}/i.exec(answer)?.[0] ?? answer);
  });

  const isGood = await check(config, terminal);
  if (!isGood && !(await terminal.confirm("Write them into .env all the same?"))) {
    terminal.note("Nothing was written.");
    return EXIT.couldNot;
  }
  const settings = {
    ...givenIn({ ...flags, accountId: undefined }),
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_ACCOUNT_ID: config.api!.accountId,
  };
  await writePrivateFile(path, { force: true }, [withSettings(before, settings)]);
  terminal.print(`Wrote ${path}, readable by you alone.`);
  const stronger = Object.keys(settings).filter(readEnvironment);
  if (stronger.length > 0) {
    terminal.warn(
      `${stronger.join(" and ")} ${stronger.length === 1 ? "is" : "are"} set in the environment, too, which wins over .env`,
    );
  }
  terminal.print("Look at the registry with: bulkpatch export --out registry.xlsx");
  return EXIT.done;
};

/** Asks again as long as the answer is no setting, and says why. */
async function askUntil<T>(terminal: Terminal, question: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      terminal.note(error.message);
    }
  }
}

/** Throws ConfigError. */
function settingsFrom(flags: CommonFlags, token: string, accountId: string): Config {
  const given = { ...settingsIn(flags), CLOUDFLARE_API_TOKEN: token || "-", CLOUDFLARE_ACCOUNT_ID: accountId || "-" };
  return loadConfig({ flags: given, cwd: process.cwd(), needsApi: true });
}

/** The settings that flags give. */
function givenIn(flags: CommonFlags): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settingsIn(flags)).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function check(config: Config, terminal: Terminal): Promise<boolean> {
  const session = await openLightSession(config, terminal);
  try {
    let isGood = true;
    for await (const finding of checkRegistry(await registryOf(session), config.api!, config.rate)) {
      showFinding(finding, terminal);
      isGood &&= finding.ok;
    }
    return isGood;
  } finally {
    await session.close();
  }
}
