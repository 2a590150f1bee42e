import type { Command } from "commander";
import { expect, it } from "vitest";
import { setUpDesk } from "../e2e/run-cli.ts";
import { COMMAND_LIST } from "../../src/cli/command-list.ts";

it.each(COMMAND_LIST)("lists $name as it describes itself", async ({ name, takes, summary, load }) => {
  const command = await load();
  const registered = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  expect({ name: command.name(), takes: registered.join(" "), summary: command.description() }).toEqual({
    name,
    takes,
    summary,
  });
});

/** What `--help` prints on a terminal of so many columns. */
function helpOf(command: Command, columns: number): string {
  let text = "";
  command.configureOutput({ getOutHelpWidth: () => columns, writeOut: (piece) => (text += piece) }).outputHelp();
  return text;
}

it.each(COMMAND_LIST)(
  "explains $name in lines that fit, its own options first and the settings last",
  async ({ load }) => {
    const loaded = await load();
    for (const command of loaded.commands.length > 0 ? loaded.commands : [loaded]) {
      for (const columns of [80, 200]) {
        const [above] = helpOf(command, columns).split("\nExamples:\n");
        for (const line of above!.split("\n")) expect(line.length, line).toBeLessThanOrEqual(columns);
      }
      const headings = helpOf(command, 80).match(/^[A-Z].*:$/gm);
      expect([headings?.[0], ...headings!.slice(-2)]).toEqual([
        "Options:",
        "Settings, for this command (elsewhere in the environment or .env):",
        "Examples:",
      ]);
    }
  },
);

it.each([["run", "--frobnicate"], ["schedule", "--frobnicate"], ["schedule", "add", "--frobnicate"], ["frobnicate"]])(
  "gives a usage error of %s %s as JSON, too",
  async (...args) => {
    const desk = await setUpDesk({ baseUrl: "http://127.0.0.1:9", token: "t", accountId: "0".repeat(32) });
    try {
      const { code, stdout, stderr } = await desk.run([...args, "--json"]);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: "usage", message: expect.stringContaining("frobnicate") },
      });
      expect(stderr).toContain("frobnicate");
    } finally {
      await desk.clear();
    }
  },
);
