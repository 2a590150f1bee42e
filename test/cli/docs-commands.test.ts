import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, it } from "vitest";
import { COMMAND_LIST } from "../../src/cli/command-list.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The command lines of a document's code blocks: what follows `$` where its lines begin with that, else each that begins with `bulkpatch`. */
async function commandLines(path: string): Promise<string[][]> {
  const text = await readFile(path, "utf8");
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, block]) => block!.replaceAll("\\\n", " "));
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => /^(?:\$ )?bulkpatch [a-z]/.test(line))
    .map((line) => words(line.replace(/^\$ /, "").replace(/\s#\s.*$/, "")).slice(1));
}

/** As a shell takes them apart. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain!,
  );
}

/** Throws what commander says where a command is not used as its usage has it; carries nothing out. */
async function parse([name, ...args]: string[]): Promise<void> {
  const listed = COMMAND_LIST.find((one) => one.name === name);
  if (listed === undefined) throw new Error(`there is no command ${name}`);
  const command = await listed.load();
  for (const one of [command, ...command.commands]) silence(one);
  await command.parseAsync(args, { from: "user" });
}

function silence(command: Command): void {
  command.exitOverride((error) => {
    throw error;
  });
  command.configureOutput({ writeErr: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
}

it.each([
  "README.md",
  ...(await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md")).map((name) => join("docs", name)),
])("each command in %s can be typed", async (path) => {
  for (const line of await commandLines(join(ROOT, path))) {
    await expect(parse(line), line.join(" ")).resolves.toBeUndefined();
  }
});

it("and one that can't would be found", async () => {
  await expect(parse(["schedule", "approve", "hr", "--diggest", "abc"])).rejects.toThrow(/unknown option/);
  await expect(parse(["schedule", "aprove", "hr"])).rejects.toThrow();
});
