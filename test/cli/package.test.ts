import { execFile } from "node:child_process";
import { cp, glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installPackage } from "../install-package.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

interface Manifest {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}
interface LockedPackage {
  optionalDependencies?: Record<string, string>;
  hasInstallScript?: boolean;
}

const manifest = await readJson<Manifest>("package.json");

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(join(ROOT, path), "utf8")) as T;
}

describe("the published package", () => {
  let folder = "";
  let installed = "";
  let files: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bulkpatch-package-"));
    installed = await installPackage(folder);
    files = await Array.fromAsync(glob("**/*.*", { cwd: installed }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("holds compiled JavaScript: no TypeScript, no tests", () => {
    expect(files).toContain("dist/src/cli/main.js");
    expect(files).toContain("dist/workers/crew.js");
    expect(files.filter((file) => file.endsWith(".ts") || file.includes("test"))).toEqual([]);
  });

  it("starts, and knows its version", async () => {
    const { stdout } = await run(process.execPath, [join(installed, "src/cli/bulkpatch.js"), "--version"], {
      cwd: folder,
    });
    expect(stdout).toBe(`${manifest.version}\n`);
  });

  it("names every package that it imports as a dependency", async () => {
    const imported = new Set<string>();
    for (const file of files.filter((name) => name.endsWith(".js"))) {
      const text = await readFile(join(installed, file), "utf8");
      for (const [, fixed, lazy] of text.matchAll(/(?:^import|\bfrom) "([^".][^"]*)";$|\bimport\("([^".][^"]*)"\)/gm))
        imported.add((fixed ?? lazy)!);
    }
    const packages = [...imported]
      .filter((name) => !name.startsWith("node:"))
      .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
    // that nothing else is listed is looked after by knip, which knows of packages that are not imported but found
    expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining([...new Set(packages)]));
  });
});

describe("on a Node that is too old", () => {
  it("says in one line which one is needed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bulkpatch-package-"));
    try {
      await cp(join(ROOT, "src/cli/bulkpatch.js"), join(folder, "src/cli/bulkpatch.js"));
      await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", engines: { node: ">=99.1" } }));
      await expect(run(process.execPath, ["src/cli/bulkpatch.js", "--version"], { cwd: folder })).rejects.toMatchObject(
        {
          code: 1,
          stdout: "",
          stderr: expect.stringMatching(
            /^error: bulkpatch needs Node 99\.1 or later, and this is Node [\d.]+ \(.*\)\n  → .*\n$/,
          ),
        },
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("npm ci", () => {
  it("finds every platform's packages in the lock file", async () => {
    const { packages } = await readJson<{ packages: Record<string, LockedPackage> }>("package-lock.json");
    const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !locked.has(name))
        .map((name) => `${name}, which ${path} names`),
    );
    expect(missing).toEqual([]);
  });

  it("is told of every install script whether it may run", async () => {
    const { packages } = await readJson<{ packages: Record<string, LockedPackage> }>("package-lock.json");
    const scripted = Object.keys(packages)
      .filter((path) => packages[path]?.hasInstallScript)
      .map((path) => path.slice(path.lastIndexOf("node_modules/") + 13));
    expect(scripted.toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted());
  });
});
