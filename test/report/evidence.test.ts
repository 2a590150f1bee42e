import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addEvidence, checkEvidence } from "../../src/report/evidence-chain.ts";
import { renderPeriodEvidence, renderRunEvidence } from "../../src/report/evidence.ts";
import type { Run } from "../../src/runs/run.ts";
import { makeResult, makeRow, makeRun, rowsOfEveryOutcome } from "./sample-run.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulkpatch-evidence-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function* streamed<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}

const WHO = { now: Date.UTC(2026, 10, 24), by: "eve@audit" };
const APPROVAL = { by: "ada@laptop", at: Date.UTC(2026, 10, 23), onBehalfOf: "nightly", how: "approved the plan" };

async function addRun(run: Run = makeRun(), rows = rowsOfEveryOutcome()): Promise<string> {
  return await addEvidence(folder, `run-${run.id}`, WHO, (head) =>
    renderRunEvidence(head, { run, rows: () => streamed(rows), approval: APPROVAL, occasion: null }),
  );
}

describe("evidence of a run", () => {
  it("says who approved which plan, and for each row what was before and after and by which requests", async () => {
    const run = makeRun([], { source: { ...makeRun().source, digest: "d1" } });
    const warnings = [{ code: "free_mail_domain", message: "x" }];
    const rows = [
      makeRow(0, {
        warnings,
        changes: { name: { from: "Ada L.", to: "Ada" } },
        result: makeResult("updated", { rayId: "ray-1", auditLogId: "audit-1" }),
      }),
      makeRow(1, { changes: { name: { from: "Bob", to: "Ben" } }, result: makeResult("rejected_by_api") }),
      makeRow(2, { result: null }),
    ];
    const path = await addRun(run, rows);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const evidence = JSON.parse(await readFile(path, "utf8"));
    expect(evidence).toMatchObject({
      bulkpatch_evidence: 1,
      kind: "run",
      number: 1,
      previous: null,
      made_by: "eve@audit",
      run: { id: run.id, plan_digest: "d1", options: { no_plan: false }, source: { sha256: run.source.sha256 } },
      approval: { by: "ada@laptop", at: "2026-11-23T00:00:00.000Z", on_behalf_of: "nightly" },
    });
    expect(evidence.history).toHaveLength(run.events.length);
    expect(evidence.rows[0]).toMatchObject({
      outcome: "updated",
      before: { name: "Ada L." },
      after: { name: "Ada" },
      warnings,
      cf_ray: "ray-1",
      cf_auditlog_id: "audit-1",
    });
    expect(evidence.rows[1]).toMatchObject({ before: { name: "Bob" }, wanted: { name: "Ben" } });
    expect(evidence.rows[1]).not.toHaveProperty("after");
    expect(evidence.rows[2]).toMatchObject({ outcome: null, finished_at: null });
  });
});

describe("a folder of evidence", () => {
  it("is a chain, which a period joins as well", async () => {
    const first = await addRun();
    const second = await addRun();
    const third = await addEvidence(folder, "period-2026-10", WHO, (head) =>
      renderPeriodEvidence(head, {
        from: Date.UTC(2026, 9, 1),
        to: Date.UTC(2026, 10, 1),
        runs: streamed([makeRun()]),
        occasions: streamed([{ schedule: "nightly", state: "held" }]),
        schedules: streamed([]),
      }),
    );
    expect(JSON.parse(await readFile(third, "utf8"))).toMatchObject({
      number: 3,
      period: { from: "2026-10-01T00:00:00.000Z", to: "2026-11-01T00:00:00.000Z" },
      runs: [{ id: makeRun().id }],
      occasions: [{ schedule: "nightly", state: "held" }],
      schedules: [],
    });
    const names = [first, second].map((path) => path.slice(folder.length + 1));
    expect(await checkEvidence(third)).toMatchObject({ before: names.toReversed(), missing: null });
    await rm(first);
    expect(await checkEvidence(third)).toMatchObject({ before: [names[1]], missing: names[0] });
  });

  it.each([1, 2, 3, 4, 5])("is one chain also where several write into it at once (time %i)", async () => {
    const paths = await Promise.all(Array.from({ length: 6 }, () => addRun()));
    const names = (await readdir(folder)).toSorted();
    expect(names.map((name) => name.slice(0, 5))).toEqual(["0001-", "0002-", "0003-", "0004-", "0005-", "0006-"]);
    expect(paths.map((path) => basename(path)).toSorted()).toEqual(names);
    expect(await checkEvidence(join(folder, names[5]!))).toMatchObject({ before: names.slice(0, 5).toReversed() });
  });

  it("gives a file its name whose writer was killed just before", async () => {
    const first = basename(await addRun());
    const second = basename(await addRun());
    await rename(join(folder, second), join(folder, ".0002.next"));
    const third = await addRun();
    expect(await checkEvidence(third)).toMatchObject({ file: basename(third), before: [second, first], missing: null });
    expect((await readdir(folder)).toSorted()).toEqual([first, second, basename(third)]);
  });

  it("shows a change of one byte, wherever it is", async () => {
    const path = await addRun();
    const bytes = await readFile(path);
    const places = new Set([0, 1, bytes.length - 1, bytes.length - 5, bytes.length - 90]);
    for (let at = 0; at < bytes.length; at += 997) places.add(at);
    for (const at of places) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      await writeFile(path, changed);
      await expect(checkEvidence(path), `byte ${at}`).rejects.toMatchObject({ code: "evidence_altered" });
    }
    for (const cut of [bytes.subarray(0, -1), bytes.subarray(0, 20), Buffer.alloc(0), Buffer.concat([bytes, bytes])]) {
      await writeFile(path, cut);
      await expect(checkEvidence(path)).rejects.toMatchObject({ code: "evidence_altered" });
    }
    await writeFile(path, bytes);
    expect(await checkEvidence(path)).toMatchObject({ before: [], missing: null });
  });

  it("shows a file that was made anew in the place of an earlier one", async () => {
    const first = await addRun();
    const second = await addRun();
    await rm(first);
    const other = await mkdtemp(join(tmpdir(), "bulkpatch-evidence-"));
    try {
      const forged = await addEvidence(other, "run-x", WHO, (head) =>
        renderRunEvidence(head, { run: makeRun(), rows: () => streamed([]), approval: APPROVAL, occasion: null }),
      );
      await writeFile(first, await readFile(forged));
    } finally {
      await rm(other, { recursive: true });
    }
    expect(await checkEvidence(first)).toMatchObject({ missing: null });
    await expect(checkEvidence(second)).rejects.toMatchObject({ code: "evidence_altered" });
  });

  it("is not gone on with where its last file was changed", async () => {
    const path = await addRun();
    await writeFile(path, (await readFile(path, "utf8")).replace("ada@laptop", "eve@laptop"));
    await expect(addRun()).rejects.toMatchObject({ code: "evidence_altered" });
  });
});
