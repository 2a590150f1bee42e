import { execFileSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDemoApi } from "../../src/demo/api.ts";
import { type DemoApi } from "../../src/demo/demo-api.ts";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import { sampleRegistry } from "../../src/demo/sample-registry.ts";
import { type Desk, setUpDesk } from "../e2e/run-cli.ts";

/** What people and directories put into a registry, and what was put there to hurt. */
const STRANGE = [
  '=HYPERLINK("http://evil.example")',
  "'=1+1",
  "''=x",
  "'quoted'",
  "+49 30 1234",
  "-5",
  "@home",
  " spaces at both ends ",
  "no-break\u00a0space\u00a0",
  "<null>",
  "#N/A",
  "tab\there",
  "line\nbreak",
  "carriage\rreturn",
  "both\r\nof them",
  "sep=;",
  "semi;colon, comma | pipe",
  '"',
  "_x0041_ and _x000D_",
  "<b>&amp;</b>",
  "Zoë 😀 O\u2019Neil",
  "bell\u0007",
  "true",
  "12444788",
  "1.7E1",
  "0017",
  "2026-11-24",
];

const registry: DemoEntry[] = sampleRegistry({ size: 150, seed: 21 }).map((entry, i) => ({
  ...entry,
  name: STRANGE[i] ?? entry.name,
  comments: STRANGE[STRANGE.length - 1 - i] ?? entry.comments,
}));

describe("an export", () => {
  let api: DemoApi;
  let desk: Desk;
  beforeAll(async () => {
    api = await startDemoApi({ entries: registry });
    desk = await setUpDesk(api);
  });
  afterAll(async () => {
    await desk.clear();
    await api.close();
  });

  it.each(["registry.csv", "registry.xlsx"])("as %s, run unchanged, changes nothing", async (file) => {
    const made = await desk.call(["export", "--out", file]);
    expect(made.code).toBe(0);
    expect(made.stderr).toMatch(/Exported 150 entries to registry.*\n\d+ values can't be written/);
    const { json } = await desk.call(["plan", file, "--json"]);
    expect(json()).toMatchObject({
      source: { rows: 150 },
      summary: { update: 0, unchanged: 150, rejected_invalid: 0 },
    });
  });

  it("keeps what a cell can say", async () => {
    const { stdout } = await desk.call(["export"]);
    expect(stdout.charCodeAt(0)).toBe(0xfeff);
    expect(stdout.split("\r\n")[0]).toContain("impersonation_registry_id,email,name,comments");
    expect(stdout).toContain("'=HYPERLINK");
    expect(stdout).toContain("Zoë 😀 O\u2019Neil");
    expect(stdout).not.toMatch(/,"?=HYPERLINK/);
  });

  it("opens in LibreOffice with the same cells", { timeout: 120_000 }, async ({ skip }) => {
    try {
      execFileSync("soffice", ["--version"], { stdio: "ignore" });
    } catch {
      return skip("there is no LibreOffice here");
    }
    await desk.call(["export", "--out", "for-office.xlsx"]);
    execFileSync(
      "soffice",
      [
        `-env:UserInstallation=file://${desk.folder}/office`,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1",
        "for-office.xlsx",
      ],
      { cwd: desk.folder, stdio: "ignore" },
    );
    const text = await readFile(join(desk.folder, "for-office.csv"), "utf8");
    for (const cell of ["+49 30 1234", "0017", "Zoë 😀 O\u2019Neil", "12444788", "<b>&amp;</b>", "_x0041_ and _x000D_"])
      expect(text).toContain(cell);
    expect(text).toContain('"=HYPERLINK(""http://evil.example"")"');
  });

  it("replaces no file unless it is told to, writes for its owner alone, and knows what it can write", async () => {
    const before = api.requests().length;
    const path = join(desk.folder, "mine.csv");
    await writeFile(path, "mine");
    const refused = await desk.call(["export", "--out", "mine.csv"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("mine.csv is there already");
    const other = await desk.call(["export", "--out", "registry.ods"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('expected a file that ends in .xlsx or .csv, found "registry.ods"');
    expect(api.requests()).toHaveLength(before);
    expect(await readFile(path, "utf8")).toBe("mine");

    expect((await desk.call(["export", "--out", "mine.csv", "--force"])).code).toBe(0);
    expect(await readFile(path, "utf8")).toContain("impersonation_registry_id");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("says when it can't be written", async () => {
    const { code, stderr } = await desk.call(["export", "--out", "no/such/folder/x.csv"]);
    expect(code).toBe(1);
    expect(stderr).toContain("no/such/folder/x.csv can't be written (there is no such file or folder)");
  });
});
