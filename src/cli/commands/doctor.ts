import { type ApiSettings, type Config, loadConfig } from "../../config.ts";
import { isExplained } from "../../explained-error.ts";
import { RefusedError } from "../../registry/errors.ts";
import { parseRateHeaders } from "../../budget/rate-headers.ts";
import { type Rate, renderRate } from "../../rate.ts";
import type { AnswerHeaders } from "../../budget/rate-headers.ts";
import { makeCommand, settingsIn } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type LightSession, openLightSession, openSession, registryOf } from "../session.ts";
import { type Registry } from "../../registry/open-registry.ts";
import type { Terminal } from "../terminal.ts";
import { countOf } from "../../wording.ts";

/** An id that no entry has: changing it changes nothing, but tells whether the token might. */
const NOBODY = "00000000-0000-4000-8000-000000000000";
const CLOCK_TOLERANCE_MS = 60_000;

interface Finding {
  check: string;
  ok: boolean;
  says: string;
  /** What to do, where it is not ok or deserves a look. */
  remedy: string | null;
}

export const doctorCommand = makeCommand({
  usage: "doctor",
  summary: "check settings, backend, token, permission, entitlement, clock and rate; changes nothing",
  examples: [["bulkpatch doctor", "a line for each check, with what to do"]],
  needsApi: false,
  takesApiFlags: true,
  run: async (_args, { flags, config, terminal }) => {
    const findings: Finding[] = [];
    const add = (finding: Finding): void => {
      findings.push(finding);
      show(finding, terminal);
    };
    const checked = checkSettings(
      () => loadConfig({ flags: settingsIn(flags), cwd: process.cwd(), needsApi: true }),
      add,
    );
    const session = await checkBackend(checked ?? config, terminal, add);
    try {
      if (session && checked?.api) await checkApi(registryOf(session), checked.api, checked, add);
    } finally {
      await session?.close();
    }
    const healthy = findings.every(({ ok }) => ok);
    terminal.print(healthy ? "All is well." : "Mend what is marked, then run doctor again.");
    terminal.printJson({ healthy, checks: findings });
    return healthy ? EXIT.done : EXIT.couldNot;
  },
});

function show({ check, ok, says, remedy }: Finding, { print, style }: Terminal): void {
  print(`${ok ? style("green", "✓") : style("red", "✗")} ${check.padEnd(12)} ${says}`);
  if (remedy !== null) print(`${" ".repeat(15)}→ ${remedy}`);
}

function checkSettings(load: () => Config, add: (finding: Finding) => void): Config | null {
  try {
    const config = load();
    add({
      check: "settings",
      ok: true,
      says: `complete; account ${config.api!.accountId}, API ${config.api!.baseUrl}`,
      remedy: null,
    });
    return config;
  } catch (error) {
    if (!isExplained(error)) throw error;
    add({ check: "settings", ok: false, says: error.message, remedy: error.remedy });
    return null;
  }
}

async function checkBackend(
  config: Config,
  terminal: Terminal,
  add: (finding: Finding) => void,
): Promise<LightSession | null> {
  try {
    const quiet = { ...terminal, note: () => undefined };
    const full = config.backendUrl === null ? null : await openSession(config, quiet);
    const session = full ?? (await openLightSession(config, quiet));
    const { backend } = session;
    const workers =
      full === null
        ? ""
        : `, ${countOf((await full.backend.presence.list()).length, "worker process", "worker processes")} alive`;
    add({
      check: "backend",
      ok: true,
      says: `${backend.kind} at ${backend.address}${workers}`,
      remedy: backend.warnings.join("; ") || null,
    });
    return session;
  } catch (error) {
    if (!isExplained(error)) throw error;
    add({ check: "backend", ok: false, says: error.message, remedy: error.remedy });
    return null;
  }
}

async function checkApi(
  registry: Registry,
  api: ApiSettings,
  { rate }: Config,
  add: (finding: Finding) => void,
): Promise<void> {
  let headers: AnswerHeaders | null = null;
  const client = registry.connect(
    (info) => {
      headers = info.headers;
    },
    { urgent: true },
  );
  try {
    const page = await client.listPage(1, 1);
    add({
      check: "token",
      ok: true,
      says: `accepted, and may read ${countOf(page.totalCount ?? page.results.length, "entry", "entries")}; Email Security is part of the subscription`,
      remedy: null,
    });
    add(clockFinding(headers));
    add(rateFinding(headers, rate));
    add(await permissionFinding(() => client.update(NOBODY, { comments: null })));
  } catch (error) {
    if (!isExplained(error)) throw error;
    add({ check: "token", ok: false, says: `${error.message} (asked ${api.baseUrl})`, remedy: error.remedy });
  } finally {
    await client.close();
  }
}

async function permissionFinding(change: () => Promise<unknown>): Promise<Finding> {
  try {
    await change();
  } catch (error) {
    if (!isExplained(error)) throw error;
    if (!(error instanceof RefusedError))
      return { check: "permission", ok: false, says: error.message, remedy: error.remedy };
  }
  return {
    check: "permission",
    ok: true,
    says: "the token may change entries (asked with an id that no entry has)",
    remedy: null,
  };
}

function clockFinding(headers: AnswerHeaders | null): Finding {
  const theirs = Date.parse(String(headers?.["date"]));
  if (Number.isNaN(theirs)) return { check: "clock", ok: true, says: "the API does not tell its time", remedy: null };
  const apart = Math.abs(theirs - Date.now());
  const ok = apart < CLOCK_TOLERANCE_MS;
  return {
    check: "clock",
    ok,
    says: ok
      ? "agrees with the API's"
      : `is ${Math.round(apart / 1_000)} s apart from the API's, so times in reports would be wrong`,
    remedy: ok ? null : "set the clock of this machine (NTP)",
  };
}

function rateFinding(headers: AnswerHeaders | null, rate: Rate): Finding {
  const ours = renderRate(rate);
  const policies = parseRateHeaders(headers ?? {}).flatMap(({ quota, windowSeconds }) =>
    quota && windowSeconds ? [{ limit: quota, windowMs: windowSeconds * 1_000 }] : [],
  );
  const [policy] = policies.toSorted((a, b) => a.limit / a.windowMs - b.limit / b.windowMs);
  if (!policy) return { check: "rate", ok: true, says: `${ours}; the API does not tell its limit`, remedy: null };
  const ok = rate.limit / rate.windowMs <= policy.limit / policy.windowMs;
  return {
    check: "rate",
    ok,
    says: `${ours} is ${ok ? "within" : "more than"} the API's limit of ${renderRate(policy)}`,
    remedy: ok ? null : "set BULKPATCH_RATE to 95 % of the API's limit",
  };
}
