import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { RowSpool } from "../src/plan/row-spool.ts";
import { explainTemporary, makeTemporaryFolder } from "../src/temporary-folder.ts";

afterEach(() => vi.unstubAllEnvs());

async function noRows(): Promise<RowSpool> {
  return await RowSpool.write((async function* () {})(), () => {});
}

test("a missing TMPDIR, and one that is a file, are named with what to do, wherever rows are put down", async () => {
  const parent = await mkdtemp(join(tmpdir(), "bulkpatch-test-"));
  const file = join(parent, "file");
  await writeFile(file, "");
  for (const [folder, because] of [
    [join(parent, "gone"), "there is no such file or folder"],
    [file, "a part of the path is a file, not a folder"],
  ] as const) {
    vi.stubEnv("TMPDIR", folder);
    for (const attempt of [noRows, async () => makeTemporaryFolder("x-")]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "temporary_unwritable",
        message: `temporary files can't be written in ${folder} (${because})`,
        remedy: "make room or a folder there, or name another one with TMPDIR",
      });
    }
  }
  vi.unstubAllEnvs();
  await rm(parent, { recursive: true });
});

test("a full disk is named", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  expect(explainTemporary(full).message).toMatch(/\(the disk is full\)$/);
});

test("a folder that was made is this user's alone", async () => {
  const folder = await makeTemporaryFolder("bulkpatch-test-");
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await rm(folder, { recursive: true });
});
