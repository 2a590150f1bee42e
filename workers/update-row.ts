import { firstDifference, updateOf } from "../src/registry/entry-diff.ts";
import type { RegistryClient } from "../src/registry/client.ts";
import { directoryName } from "../src/registry/directory.ts";
import { type Entry, isDirectorySynced } from "../src/registry/entry.ts";
import { HaltError, RefusedError, TransientError } from "../src/registry/errors.ts";
import type { Outcome, RowResult } from "../src/runs/outcome.ts";
import type { RunRow } from "../src/runs/run.ts";

/** What came of trying one row once. */
export type Verdict =
  | { kind: "ended"; result: RowResult; provenance?: string }
  /** Nothing was decided; it may be tried again in a while. `result` is what to record if there is no further try. */
  | { kind: "try-again"; result: RowResult }
  /** Every other row would fail in the same way. */
  | { kind: "halt"; reason: string }
  | { kind: "stopped" };

type Answer = Partial<Pick<RowResult, "message" | "httpStatus" | "apiCode" | "rayId">>;

/**
 * Sends one row's PATCH and tells how that ended: `updated` only when the answered entry shows the new values. A row with a
 * guard is preceded by a look at the entry. Sending it again after a crash is safe: the same body twice gives the same entry.
 */
export async function updateRow(
  row: RunRow,
  registry: Pick<RegistryClient, "update" | "get">,
  {
    signal,
    now,
    triedBefore,
    readBack,
  }: { signal: AbortSignal; now: () => number; triedBefore: number; readBack: boolean },
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
  });
  const ended = (outcome: Outcome, answer: Answer, entry?: Entry): Verdict => ({
    kind: "ended",
    result: resultOf(outcome, answer),
    ...(entry && { provenance: entry.provenance }),
  });
  const id = row.entryId!;
  const update = updateOf(row.changes!);

  /** A refusal, or a 403 that may be one: only the entry itself tells whether it is synced from a directory. */
  const look = async (): Promise<Entry | null> => {
    try {
      const { entry, attempts: requests } = await registry.get(id, { signal });
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
    const { entry, status, rayId, attempts: requests } = await registry.update(id, update, { signal });
    attempts += requests;
    const shown = readBack ? ((await look()) ?? entry) : entry;
    const wrong = firstDifference(shown, update);
    if (wrong === null) return ended("updated", { httpStatus: status, rayId }, entry);
    const message = `the API accepted the change, but its entry shows ${wrong} ${JSON.stringify(shown[wrong])} instead of ${JSON.stringify(update[wrong])}`;
    return ended("rejected_by_api", { message, httpStatus: status, rayId }, entry);
  } catch (error) {
    if (error instanceof RefusedError) return await explainRefusal(error);
    if (error instanceof HaltError) return await explainHalt(error);
    if (signal.aborted) return { kind: "stopped" };
    if (error instanceof TransientError) return tryAgain(error);
    throw error;
  }

  function tryAgain(error: TransientError): Verdict {
    attempts += error.attempts;
    return {
      kind: "try-again",
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
      { ...answer, message: `synced from ${directoryName(entry.provenance)}: change it there` },
      entry,
    );
  }
}

function haltReason(halt: HaltError): string {
  return `${halt.message}; ${halt.remedy}`;
}
