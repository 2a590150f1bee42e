import { fieldsOf, firstDifference, showField, updateOf } from "../src/registry/entry-diff.ts";
import type { RegistryClient, UpdateAnswer } from "../src/registry/client.ts";
import { explainSynced } from "../src/registry/directory.ts";
import { type Entry, isDirectorySynced, type UpdatableField } from "../src/registry/entry.ts";
import { HaltError, RefusedError, TransientError } from "../src/registry/errors.ts";
import type { Outcome, RowResult } from "../src/runs/outcome.ts";
import type { RunRow } from "../src/runs/run.ts";

/** What came of trying one row once. */
export type Verdict =
  | { kind: "ended"; result: RowResult; provenance?: string }
  /**
   * Nothing was decided; it may be tried again in a while, after `waitMs` where the API asked for that.
   * `result` is what to record if there is no further try.
   */
  | { kind: "try-again"; result: RowResult; waitMs: number | null }
  /** Every other row would fail in the same way. */
  | { kind: "halt"; reason: string }
  | { kind: "stopped" };

type Answer = Partial<Pick<RowResult, "message" | "httpStatus" | "apiCode" | "rayId" | "auditLogId">>;

export interface UpdateRowOptions {
  signal: AbortSignal;
  now: () => number;
  /** Requests of earlier tries. */
  triedBefore: number;
  /** The entry is read again after its change, and compared once more. */
  readBack: boolean;
  /** No further try follows: where the change has no answer, one look at the entry may show that it took effect. */
  lastTry: boolean;
}

/**
 * Sends one row's PATCH and tells how that ended: `updated` only when the entry shows the new values, in the answer or, where
 * that shows less than was sent, when it is read. A row with a guard is preceded by a look at the entry. Sending it again
 * after a crash is safe: the same body twice gives the same entry.
 */
export async function updateRow(
  row: RunRow,
  registry: Pick<RegistryClient, "update" | "get">,
  { signal, now, triedBefore, readBack, lastTry }: UpdateRowOptions,
): Promise<Verdict> {
  let attempts = triedBefore;
  const resultOf = (outcome: Outcome, answer: Answer = {}): RowResult => ({
    outcome,
    message: answer.message ?? null,
    httpStatus: answer.httpStatus ?? null,
    apiCode: answer.apiCode ?? null,
    attempts,
    finishedAt: now(),
    rayId: answer.rayId ?? null,
    ...(answer.auditLogId && { auditLogId: answer.auditLogId }),
  });
  const ended = (outcome: Outcome, answer: Answer, entry?: Entry): Verdict => ({
    kind: "ended",
    result: { ...resultOf(outcome, answer), ...(outcome === "updated" && entry && modifiedAtOf(entry)) },
    ...(entry && { provenance: entry.provenance }),
  });
  const id = row.entryId!;
  const update = updateOf(row.changes!);

  /** The entry as it is now; null where the API refuses to show it. */
  const look = async (once = false): Promise<Entry | null> => {
    try {
      const { entry, attempts: requests } = await registry.get(id, { signal, once });
      attempts += requests;
      return entry;
    } catch (error) {
      if (error instanceof RefusedError) {
        attempts += error.attempts;
        return null;
      }
      throw error;
    }
  };

  try {
    if (row.guard) {
      const entry = await look();
      if (entry?.modified_at && Date.parse(entry.modified_at) > Date.parse(row.guard)) {
        return firstDifference(entry, update) === null
          ? ended("updated", { message: "it shows the new values already" }, entry)
          : ended(
              "rejected_conflict",
              { message: `the entry was changed at ${entry.modified_at}, after ${row.guard}` },
              entry,
            );
      }
    }
    const answer = await registry.update(id, update, { signal });
    attempts += answer.attempts;
    return await judge(answer);
  } catch (error) {
    if (error instanceof RefusedError) return await explainRefusal(error);
    if (error instanceof HaltError) return await explainHalt(error);
    if (signal.aborted) return { kind: "stopped" };
    if (error instanceof TransientError) return lastTry ? await settleLast(error) : tryAgain(error);
    throw error;
  }

  /** The API accepted the change: what the entry shows now decides. */
  async function judge({ status, rayId, auditLogId, ...answer }: UpdateAnswer): Promise<Verdict> {
    const showsAll = answer.entry !== null && !answer.unshown.some((field) => update[field] !== undefined);
    const shown = showsAll && !readBack ? answer.entry : ((await look()) ?? (showsAll ? answer.entry : null));
    if (shown === null) {
      const message = "the API accepted the change, but neither its answer nor the entry shows whether it has it";
      return ended("failed", { message, httpStatus: status, rayId, auditLogId });
    }
    const wrong = firstDifference(shown, update);
    if (wrong === null) return ended("updated", { httpStatus: status, rayId, auditLogId }, shown);
    const message = `the API accepted the change, but its entry ${instead(shown, wrong)}`;
    return ended("rejected_by_api", { message, httpStatus: status, rayId, auditLogId }, shown);
  }

  function instead(entry: Entry, field: UpdatableField): string {
    return `shows ${field} ${showField(entry, field)} instead of ${JSON.stringify(update[field])}`;
  }

  /** A change whose answer was lost may have been made. */
  async function settleLast(error: TransientError): Promise<Verdict> {
    const verdict = tryAgain(error);
    let entry: Entry | null = null;
    try {
      entry = await look(true);
    } catch (failure) {
      if (failure instanceof TransientError || failure instanceof HaltError) attempts += failure.attempts;
    }
    if (signal.aborted) return { kind: "stopped" };
    if (entry === null || firstDifference(entry, update) !== null)
      return { ...verdict, result: { ...verdict.result, attempts } };
    return ended("updated", { message: "no answer said so, but the entry shows the new values" }, entry);
  }

  function tryAgain(error: TransientError): Extract<Verdict, { kind: "try-again" }> {
    attempts += error.attempts;
    return {
      kind: "try-again",
      waitMs: error.retryAfterMs,
      result: resultOf("failed", {
        message: error.message,
        httpStatus: error.status,
        apiCode: error.apiCode,
        rayId: error.rayId,
      }),
    };
  }

  async function explainRefusal(refusal: RefusedError): Promise<Verdict> {
    attempts += refusal.attempts;
    const answer = {
      message: refusal.apiMessage,
      httpStatus: refusal.status,
      apiCode: refusal.apiCode,
      rayId: refusal.rayId,
    };
    if (refusal.notFound)
      return ended("rejected_not_found", { ...answer, message: "the entry does not exist any more" });
    return await afterLook((entry) =>
      entry && isDirectorySynced(entry) ? synced(entry, answer) : ended("rejected_by_api", answer, entry ?? undefined),
    );
  }

  async function explainHalt(halt: HaltError): Promise<Verdict> {
    attempts += halt.attempts;
    const answer = { httpStatus: halt.status, apiCode: halt.apiCode, rayId: halt.rayId };
    if (halt.status !== 403) return { kind: "halt", reason: haltReason(halt) };
    return await afterLook((entry) =>
      entry && isDirectorySynced(entry) ? synced(entry, answer) : { kind: "halt", reason: haltReason(halt) },
    );
  }

  async function afterLook(verdict: (entry: Entry | null) => Verdict): Promise<Verdict> {
    try {
      return verdict(await look());
    } catch (error) {
      if (error instanceof HaltError) return { kind: "halt", reason: haltReason(error) };
      if (signal.aborted) return { kind: "stopped" };
      if (error instanceof TransientError) return tryAgain(error);
      throw error;
    }
  }

  function synced(entry: Entry, answer: Answer): Verdict {
    return ended(
      "rejected_directory_synced",
      { ...answer, message: explainSynced(entry.provenance, fieldsOf(row.changes!)) },
      entry,
    );
  }
}

/** Nothing where the API shows no such time. */
function modifiedAtOf({ modified_at: at }: Entry): { modifiedAt?: number } {
  const modifiedAt = Date.parse(at ?? "");
  return Number.isNaN(modifiedAt) ? {} : { modifiedAt };
}

function haltReason(halt: HaltError): string {
  return `${halt.message}; ${halt.remedy}`;
}
