import { PROVENANCES, isDirectorySynced } from "../registry/entry.ts";
import type { DemoEntry } from "./demo-entry.ts";
import { findUpdateFault } from "./entry-update.ts";
import type { DemoApiSettings, Refusal } from "./settings.ts";

/** What the API answers, before anything happens to it on the way. */
export interface Answer {
  status: number;
  /** The JSON text. */
  body: string;
  /** True where the call changed the registry, so that it is in the audit log. */
  audited?: boolean;
}

export interface Call {
  method: string;
  accountId: string;
  /** Null: the listing. */
  entryId: string | null;
  query: string;
  /** The bearer token, or null. */
  token: string | null;
  body: string;
}

/** The registry behind the API: entries by id, in the order of their making. */
export interface RegistryRoutes {
  answer(call: Call): Answer;
}

export function createRegistryRoutes(
  entries: Map<string, DemoEntry>,
  settings: () => Readonly<DemoApiSettings>,
): RegistryRoutes {
  return { answer: (call) => answerCall(call, entries, settings()) };
}

function answerCall(call: Call, entries: Map<string, DemoEntry>, settings: Readonly<DemoApiSettings>): Answer {
  if (call.token === null) return refuse({ status: 400, code: 9106, message: "Missing Authorization header" });
  if (call.token !== settings.token) return refuse(settings.wrongToken);
  if (settings.refuseAll !== null) return refuse(settings.refuseAll);
  if (call.accountId !== settings.accountId) {
    return refuse({
      status: 404,
      code: 7003,
      message: `Could not route to /accounts/${call.accountId}, perhaps your object identifier is invalid?`,
    });
  }
  if (call.entryId === null) {
    return call.method === "GET" ? listEntries(new URLSearchParams(call.query), entries, settings) : notAllowed();
  }
  if (call.method !== "GET" && call.method !== "PATCH") return notAllowed();
  if (call.method === "PATCH" && settings.refuseUpdates !== null) return refuse(settings.refuseUpdates);
  if (!UUID.test(call.entryId))
    return invalid("impersonation_registry_id must be a UUID", "/impersonation_registry_id");
  const entry = entries.get(call.entryId);
  if (entry === undefined)
    return refuse({ status: 404, code: 10404, message: "impersonation registry entry not found" });
  return call.method === "GET" ? succeed(entry) : updateEntry(entry, call.body, settings);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function updateEntry(entry: DemoEntry, body: string, settings: Readonly<DemoApiSettings>): Answer {
  let update: Partial<DemoEntry>;
  try {
    update = JSON.parse(body) as Partial<DemoEntry>;
  } catch {
    return invalid("the body is not JSON");
  }
  if (isDirectorySynced(entry)) return refuse(settings.syncedRefusal);
  const fault = findUpdateFault(update, entry);
  if (fault !== null) return invalid(fault.message, fault.pointer);
  const now = new Date().toISOString();
  Object.assign(entry, update, { modified_at: now, last_modified: now });
  return { ...succeed(entry), audited: true };
}

const ORDERS = ["name", "email", "created_at"] as const;

function listEntries(
  query: URLSearchParams,
  entries: Map<string, DemoEntry>,
  settings: Readonly<DemoApiSettings>,
): Answer {
  const page = wholeNumber(query.get("page"), 1);
  if (page === null) return invalid("page must be a whole number from 1", "/page");
  const asked = wholeNumber(query.get("per_page"), Math.min(20, settings.maxPerPage));
  if (asked === null || (asked > settings.maxPerPage && settings.overMaxPerPage === "refuse")) {
    return invalid(`per_page must be from 1 to ${settings.maxPerPage}`, "/per_page");
  }
  const perPage = Math.min(asked, settings.maxPerPage);
  const order = query.get("order") ?? "created_at";
  if (!isOneOf(ORDERS, order)) return invalid(`order must be one of ${ORDERS.join(", ")}`, "/order");
  const direction = query.get("direction") ?? "asc";
  if (direction !== "asc" && direction !== "desc") return invalid("direction must be asc or desc", "/direction");
  const provenance = query.get("provenance");
  if (provenance !== null && !isOneOf(PROVENANCES, provenance)) {
    return invalid(`provenance must be one of ${PROVENANCES.join(", ")}`, "/provenance");
  }
  const search = query.get("search")?.toLowerCase() ?? "";

  const found = [...entries.values()].filter(
    (entry) =>
      !settings.unlisted.includes(entry.id) &&
      (provenance === null || entry.provenance === provenance) &&
      (search === "" || `${entry.name}\n${entry.email}`.toLowerCase().includes(search)),
  );
  const sign = direction === "asc" ? 1 : -1;
  found.sort((a, b) => sign * (compare(a[order], b[order]) || compare(a.id, b.id)));
  const result = found.slice((page - 1) * perPage, page * perPage);
  const totalCount = Math.max(0, found.length - settings.countedShort);
  const resultInfo = { count: result.length, page, per_page: perPage, total_count: totalCount };
  const body = { success: true, errors: [], messages: [], result, result_info: giveInfo(resultInfo, settings) };
  return { status: 200, body: JSON.stringify(body) };
}

function giveInfo(info: Record<string, number>, { resultInfo }: Readonly<DemoApiSettings>): object | undefined {
  if (resultInfo === "absent") return undefined;
  if (resultInfo === "numbers") return info;
  return Object.fromEntries(Object.entries(info).map(([name, value]) => [name, String(value)]));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value);
}

/** Null when the text is not a whole number from 1. */
function wholeNumber(text: string | null, missing: number): number | null {
  if (text === null) return missing;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

function succeed(entry: DemoEntry): Answer {
  return { status: 200, body: `{"success":true,"errors":[],"messages":[],"result":${JSON.stringify(entry)}}` };
}

/** The envelope of a refusal. */
export function refuse({ status, code, message }: Refusal, pointer?: string): Answer {
  const error = { code, message, ...(pointer !== undefined && { source: { pointer } }) };
  return { status, body: JSON.stringify({ success: false, errors: [error], messages: [], result: null }) };
}

function invalid(message: string, pointer?: string): Answer {
  return refuse({ status: 400, code: 10400, message }, pointer);
}

function notAllowed(): Answer {
  return refuse({ status: 405, code: 10405, message: "Method not allowed for this endpoint" });
}
