import { expect, it } from "vitest";
import type { Fault } from "../../src/demo/faults.ts";
import { updateRow } from "../../workers/update-row.ts";
import { openRegistry } from "../registry/open-registry.ts";

/** Sends a new comment to a stand-in whose answers to a PATCH are all like this. */
async function updateMeeting(fault: Fault) {
  const { api, client, ownId } = await openRegistry();
  api.script({ method: "PATCH", times: 100, answer: { fault } });
  const entry = api.registry.get(ownId)!;
  const row = {
    n: 0,
    row: 2,
    cells: [],
    entryId: ownId,
    entryEmail: entry.email,
    entryName: entry.name,
    provenance: entry.provenance,
    changes: { comments: { from: entry.comments, to: "new" } },
    guard: null,
    result: null,
  };
  const signal = new AbortController().signal;
  const options = { signal, now: () => 7, triedBefore: 0, readBack: false, lastTry: true };
  const verdict = await updateRow(row, client, options);
  const calls = api.requests().map(({ method }) => method);
  return { verdict, calls: calls.join(" "), comments: api.registry.get(ownId)!.comments };
}

it.each<[Fault, string]>([
  ["201", "PATCH"],
  ["204", "PATCH GET"],
  ["partial", "PATCH GET"],
  ["gzip", "PATCH"],
  ["br", "PATCH"],
  ["deflate", "PATCH"],
  ["answer-lost", "PATCH PATCH PATCH PATCH GET"],
])("a change that took effect is updated, also where the answer to it is %s", async (fault, expected) => {
  const { verdict, calls, comments } = await updateMeeting(fault);
  expect(comments).toBe("new");
  expect(verdict).toMatchObject({ kind: "ended", result: { outcome: "updated", attempts: calls.split(" ").length } });
  expect(calls).toBe(expected);
});

it("an entry that is gone is not found, also where the code for it is a word", async () => {
  const { verdict } = await updateMeeting("404-word");
  expect(verdict).toMatchObject({ kind: "ended", result: { outcome: "rejected_not_found", httpStatus: 404 } });
});

it("a server that asks to wait for minutes is asked no more, and its wish is handed on", async () => {
  const { verdict, calls } = await updateMeeting("503-wait");
  expect(verdict).toMatchObject({ kind: "try-again", waitMs: 120_000, result: { outcome: "failed" } });
  expect(calls).toBe("PATCH GET");
});
