import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSource } from "../../src/changes/open-source.ts";
import { makeWorkbook, textRow } from "./xlsx/make-workbook.ts";

const MANY = 50_000;
const CSV = `email,name\n${"a@x.org,A\n".repeat(MANY)}`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "bulkpatch-closing-"));
  await writeFile(join(dir, "list.csv"), CSV);
  await writeFile(join(dir, "list.csv.gz"), gzipSync(CSV));
  await writeFile(
    join(dir, "list.xlsx"),
    makeWorkbook({ rows: textRow("email", "name") + textRow("a@x.org", "A").repeat(MANY) }),
  );
});
afterAll(() => rm(dir, { recursive: true }));

test.each(["list.csv", "list.csv.gz", "list.xlsx"])(
  "%s can be left in the middle, or before its first row",
  async (name) => {
    const source = await openSource(join(dir, name));
    for await (const row of source.rows()) if (row.row === 5) break;
    if (name === "list.csv") expect(() => source.sha256()).toThrow("known only once all rows are read");
    await source.close();
    await source.close();
    await (await openSource(join(dir, name))).close();
  },
);

test.each(["list.csv", "list.csv.gz", "list.xlsx"])("%s has its rows read once, all of them", async (name) => {
  const source = await openSource(join(dir, name));
  let rows = 0;
  for await (const row of source.rows()) rows += row.problems.length === 0 ? 1 : 0;
  expect(rows).toBe(MANY);
  expect(source.path).toBe(join(dir, name));
  await expect(source.rows()[Symbol.asyncIterator]().next()).rejects.toThrow("can be read once");
  await source.close();
});

test.each([
  ["a pipe", "cat list.csv | node read.ts"],
  ["a file", "node read.ts < list.csv"],
  ["nothing", "node read.ts < /dev/null"],
])("real standard input from %s ends, and the process with it", async (_, command) => {
  const openSourceFile = join(import.meta.dirname, "../../src/changes/open-source.ts");
  await writeFile(
    join(dir, "read.ts"),
    `import { openSource } from ${JSON.stringify(openSourceFile)};
     try {
       const source = await openSource("-", { limit: 3 }, { stdin: process.stdin });
       let rows = 0;
       for await (const _ of source.rows()) rows++;
       console.log(rows, source.sha256().length);
       await source.close();
     } catch (error) { console.log(error.code); }`,
  );
  const { stdout } = await promisify(execFile)("sh", ["-c", command.replace("node", `'${process.execPath}'`)], {
    cwd: dir,
  });
  expect(stdout.trim()).toBe(command.includes("null") ? "file_empty" : "3 64");
});
