import { describe, expect, it } from "vitest";
import type { RegistryClient, UpdateAnswer } from "../../src/registry/client.ts";
import type { Entry, UpdatableField } from "../../src/registry/entry.ts";
import { HaltError, RefusedError, TransientError } from "../../src/registry/errors.ts";
import type { RunRow } from "../../src/runs/run.ts";
import { updateRow, type Verdict } from "../../workers/update-row.ts";

const ID = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
const BEFORE: Entry = {
  id: ID,
  name: "Jon",
  email: "john@example.com",
  is_email_regex: false,
  comments: null,
  provenance: "A1S_INTERNAL",
  directory_id: null,
  directory_node_id: null,
  external_directory_node_id: null,
  created_at: "2026-01-01T00:00:00Z",
  modified_at: "2026-01-02T00:00:00Z",
};
const AFTER: Entry = { ...BEFORE, name: "John", modified_at: "2026-03-01T00:00:00Z" };
const SYNCED: Entry = { ...BEFORE, provenance: "SNOOPY-GOOGLE_DIRECTORY" };
const ROW: RunRow = {
  n: 0,
  row: 2,
  cells: [],
  entryId: ID,
  entryEmail: BEFORE.email,
  entryName: BEFORE.name,
  provenance: BEFORE.provenance,
  changes: { name: { from: "Jon", to: "John" } },
  guard: null,
  result: null,
};

const facts = (status: number | null, apiCode: number | null = null) => ({
  status,
  apiCode,
  rayId: "ray-1",
  attempts: 1,
});
const refused = (status = 400) =>
  new RefusedError(`refused ${status}`, "it may not be changed", status === 404, facts(status, 10_020));
const transient = new TransientError("updating: status 503, after 4 requests", null, { ...facts(503), attempts: 4 });
const halt = (status: number) =>
  new HaltError("token_refused", "the token is refused", "put a valid one", facts(status, 1000));

interface Answers {
  /** Null: accepted, without a word about the entry. */
  patch: Entry | Error | null;
  /** Fields that the answer to the PATCH leaves out. */
  unshown?: UpdatableField[];
  get?: Entry | Error;
  row?: Partial<RunRow>;
  readBack?: boolean;
  lastTry?: boolean;
  signal?: AbortSignal;
}

async function tryRow({
  patch,
  unshown = [],
  get,
  row,
  readBack = false,
  lastTry = false,
  signal,
}: Answers): Promise<{ verdict: Verdict; calls: string[] }> {
  const calls: string[] = [];
  const facts = { status: 200, rayId: "ray-2", auditLogId: null, attempts: 1 };
  const registry: Pick<RegistryClient, "update" | "get"> = {
    update: async (): Promise<UpdateAnswer> => {
      calls.push("PATCH");
      if (patch instanceof Error) throw patch;
      return patch === null ? { entry: null, ...facts } : { entry: patch, unshown, ...facts };
    },
    get: async (_id, { once = false } = {}) => {
      calls.push(once ? "GET-once" : "GET");
      if (get === undefined || get instanceof Error) throw get ?? new Error("not asked for");
      return { entry: get, unshown: [], ...facts };
    },
  };
  const verdict = await updateRow({ ...ROW, ...row }, registry, {
    signal: signal ?? new AbortController().signal,
    now: () => 7,
    triedBefore: 0,
    readBack,
    lastTry,
  });
  return { verdict, calls };
}

function shortly(verdict: Verdict): string {
  switch (verdict.kind) {
    case "ended":
    case "try-again": {
      const { outcome, message, httpStatus, apiCode, attempts } = verdict.result;
      const says = [outcome, httpStatus, apiCode, `${attempts} requests`, message].filter((part) => part !== null);
      return `${verdict.kind}: ${says.join(", ")}`;
    }
    case "halt":
      return `halt: ${verdict.reason}`;
    case "stopped":
      return "stopped";
  }
}

const ODD: Entry = { ...AFTER, name: "", odd: [{ field: "name", found: 7 }] };
const EMPTIED = { changes: { comments: { from: "CFO", to: null } } };
const stopped = AbortSignal.abort(new Error("stop"));
const GUARD = { guard: "2026-02-01T00:00:00Z" };

describe("a row", () => {
  it.each<[title: string, answers: Answers, calls: string, verdict: string]>([
    [
      "is updated when the answered entry shows the new values",
      { patch: AFTER },
      "PATCH",
      "ended: updated, 200, 1 requests",
    ],
    [
      "is not updated when the answered entry shows others",
      { patch: BEFORE },
      "PATCH",
      'ended: rejected_by_api, 200, 1 requests, the API accepted the change, but its entry shows name "Jon" instead of "John"',
    ],
    [
      "is read where the answer leaves out what was sent",
      { patch: { ...AFTER, name: "" }, unshown: ["name"], get: AFTER },
      "PATCH GET",
      "ended: updated, 200, 2 requests",
    ],
    [
      "is not read where the answer leaves out something else",
      { patch: AFTER, unshown: ["comments", "directory_id"] },
      "PATCH",
      "ended: updated, 200, 1 requests",
    ],
    [
      "is not updated where an answer that leaves it out only seems to show an emptied field",
      { patch: BEFORE, unshown: ["comments"], get: { ...BEFORE, comments: "CFO" }, row: EMPTIED },
      "PATCH GET",
      'ended: rejected_by_api, 200, 2 requests, the API accepted the change, but its entry shows comments "CFO" instead of null',
    ],
    [
      "is read where the answer has no entry",
      { patch: null, get: AFTER },
      "PATCH GET",
      "ended: updated, 200, 2 requests",
    ],
    [
      "is read where the answer has no entry, and was not changed",
      { patch: null, get: BEFORE },
      "PATCH GET",
      'ended: rejected_by_api, 200, 2 requests, the API accepted the change, but its entry shows name "Jon" instead of "John"',
    ],
    [
      "is failed where neither the answer nor the entry can be seen",
      { patch: null, get: refused(400) },
      "PATCH GET",
      "ended: failed, 200, 2 requests, the API accepted the change, but neither its answer nor the entry shows whether it has it",
    ],
    [
      "is tried again where the entry can't be read for a while",
      { patch: null, get: transient },
      "PATCH GET",
      "try-again: failed, 503, 5 requests, updating: status 503, after 4 requests",
    ],
    [
      "whose value comes back in another type is not updated",
      { patch: ODD, unshown: ["name"], get: ODD },
      "PATCH GET",
      'ended: rejected_by_api, 200, 2 requests, the API accepted the change, but its entry shows name 7 instead of "John"',
    ],
    [
      "whose last try has no answer is updated when the entry shows it",
      { patch: transient, get: AFTER, lastTry: true },
      "PATCH GET-once",
      "ended: updated, 5 requests, no answer said so, but the entry shows the new values",
    ],
    [
      "whose last try has no answer is failed when the entry shows the old values",
      { patch: transient, get: BEFORE, lastTry: true },
      "PATCH GET-once",
      "try-again: failed, 503, 5 requests, updating: status 503, after 4 requests",
    ],
    [
      "whose last try has no answer, nor the look at the entry, is failed",
      { patch: transient, get: transient, lastTry: true },
      "PATCH GET-once",
      "try-again: failed, 503, 8 requests, updating: status 503, after 4 requests",
    ],
    [
      "is read back when that is asked for",
      { patch: AFTER, get: AFTER, readBack: true },
      "PATCH GET",
      "ended: updated, 200, 2 requests",
    ],
    [
      "that was not kept is seen when it is read back",
      { patch: AFTER, get: BEFORE, readBack: true },
      "PATCH GET",
      'ended: rejected_by_api, 200, 2 requests, the API accepted the change, but its entry shows name "Jon" instead of "John"',
    ],
    [
      "whose entry is gone is not found",
      { patch: refused(404) },
      "PATCH",
      "ended: rejected_not_found, 404, 10020, 1 requests, the entry does not exist any more",
    ],
    [
      "that is refused is the API's when the entry is our own",
      { patch: refused(), get: BEFORE },
      "PATCH GET",
      "ended: rejected_by_api, 400, 10020, 2 requests, it may not be changed",
    ],
    [
      "that is refused is the directory's when the entry is synced, whatever the words",
      { patch: refused(422), get: SYNCED },
      "PATCH GET",
      "ended: rejected_directory_synced, 422, 10020, 2 requests, synced from Google Workspace: change it there",
    ],
    [
      "that is refused with 403 is the directory's when the entry is synced",
      { patch: halt(403), get: SYNCED },
      "PATCH GET",
      "ended: rejected_directory_synced, 403, 1000, 2 requests, synced from Google Workspace: change it there",
    ],
    [
      "that is refused with 403 halts the run when the entry is our own",
      { patch: halt(403), get: BEFORE },
      "PATCH GET",
      "halt: the token is refused; put a valid one",
    ],
    [
      "that meets 401 halts the run at once",
      { patch: halt(401) },
      "PATCH",
      "halt: the token is refused; put a valid one",
    ],
    [
      "that meets 401 while it is explained halts the run",
      { patch: refused(), get: halt(401) },
      "PATCH GET",
      "halt: the token is refused; put a valid one",
    ],
    [
      "that meets an outage is tried again",
      { patch: transient },
      "PATCH",
      "try-again: failed, 503, 4 requests, updating: status 503, after 4 requests",
    ],
    [
      "that meets an outage while it is explained is tried again",
      { patch: refused(), get: transient },
      "PATCH GET",
      "try-again: failed, 503, 5 requests, updating: status 503, after 4 requests",
    ],
    [
      "with a guard is left alone when the entry was changed later",
      { patch: AFTER, get: { ...BEFORE, modified_at: "2026-02-02T00:00:00Z" }, row: GUARD },
      "GET",
      "ended: rejected_conflict, 1 requests, the entry was changed at 2026-02-02T00:00:00Z, after 2026-02-01T00:00:00Z",
    ],
    [
      "with a guard whose own answer was lost is updated all the same",
      { patch: AFTER, get: AFTER, row: GUARD },
      "GET",
      "ended: updated, 1 requests, it shows the new values already",
    ],
    [
      "with a guard is sent when the entry is as it was",
      { patch: AFTER, get: BEFORE, row: GUARD },
      "GET PATCH",
      "ended: updated, 200, 2 requests",
    ],
    [
      "that is answered after the stop has its outcome",
      { patch: AFTER, signal: stopped },
      "PATCH",
      "ended: updated, 200, 1 requests",
    ],
    [
      "whose entry is gone, as is heard after the stop, has its outcome",
      { patch: refused(404), signal: stopped },
      "PATCH",
      "ended: rejected_not_found, 404, 10020, 1 requests, the entry does not exist any more",
    ],
    ["that meets an outage after the stop is given back", { patch: transient, signal: stopped }, "PATCH", "stopped"],
    [
      "whose wait is cut off by the stop is given back",
      { patch: new Error("stop"), signal: stopped },
      "PATCH",
      "stopped",
    ],
  ])("%s", async (_title, answers, calls, expected) => {
    const tried = await tryRow(answers);
    expect(tried.calls.join(" ")).toBe(calls);
    expect(shortly(tried.verdict)).toBe(expected);
  });

  it("that meets a bug passes it on", async () => {
    await expect(tryRow({ patch: new TypeError("a bug") })).rejects.toThrow("a bug");
  });
});
