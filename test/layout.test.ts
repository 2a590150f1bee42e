import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** From the faces at the top to the ground that knows nothing: a file imports from its own folder and from those below it. */
const FOLDERS = [
  "src/cli",
  "src/dashboard",
  "workers",
  "src/backends",
  "src/schedules",
  "src/plan",
  "src/report",
  "src/demo",
  "src/runs",
  "src/changes",
  "src/doctor",
  "src/registry",
  "src/budget",
  "src",
] as const;

const ROOT = join(import.meta.dirname, "..");

/** Each file of the program with the files of the program that it imports, as types too. */
function readImports(): Map<string, string[]> {
  const files = ["src", "workers"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => normalize(join(folder, name))),
  );
  return new Map(
    files.map((file) => [
      file,
      [...readFileSync(join(ROOT, file), "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(
        ([, specifier]) => normalize(join(dirname(file), specifier!)),
      ),
    ]),
  );
}

function levelOf(file: string): number {
  const folder = FOLDERS.find((name) => (name === "src" ? dirname(file) === "src" : file.startsWith(`${name}/`)));
  if (folder === undefined) throw new Error(`${file} lies in no folder of the layout`);
  return FOLDERS.indexOf(folder);
}

/** Imports that climb, as `from -> to`. */
function climbs(imports: Map<string, string[]>): string[] {
  return [...imports].flatMap(([file, targets]) =>
    targets.filter((target) => levelOf(target) < levelOf(file)).map((target) => `${file} -> ${target}`),
  );
}

/** One circle of files that import each other, if there is any. */
function findCircle(imports: Map<string, string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return null;
}

test("imports go downward only, between folders", () => {
  const imports = readImports();
  expect(imports.size).toBeGreaterThan(150);
  expect(climbs(imports)).toEqual([]);
});

test("no files import each other in a circle", () => {
  expect(findCircle(readImports())).toBeNull();
});

test("only who opens a backend names an adapter", () => {
  const adapter = /^src\/backends\/(?:embedded|redis|sql|postgres)\//;
  const named = [...readImports()].flatMap(([file, targets]) =>
    file.startsWith("src/backends/") ? [] : targets.filter((t) => adapter.test(t)).map((t) => `${file} -> ${t}`),
  );
  expect(named).toEqual([]);
});

test("the rule sees a climb and a circle where there is one", () => {
  const bad = new Map([
    ["src/runs/a.ts", ["src/cli/b.ts"]],
    ["src/cli/b.ts", ["src/runs/a.ts"]],
  ]);
  expect(climbs(bad)).toEqual(["src/runs/a.ts -> src/cli/b.ts"]);
  expect(findCircle(bad)).toEqual(["src/runs/a.ts", "src/cli/b.ts", "src/runs/a.ts"]);
});
