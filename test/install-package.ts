import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "..");
const run = promisify(execFile);

/**
 * Builds and packs the package and puts it into a folder as npm would, with nothing beside it but the packages that it names, as links.
 * Answers its own folder.
 */
export async function installPackage(folder: string): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const modules = join(folder, "node_modules");
  const installed = join(modules, "bulkpatch");
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: ROOT });
  await run("tar", ["xzf", stdout.trim().split("\n").at(-1)!], { cwd: folder });
  await cp(join(folder, "package"), installed, { recursive: true });
  for (const name of Object.keys(dependencies)) {
    await mkdir(resolve(modules, name, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  return installed;
}
