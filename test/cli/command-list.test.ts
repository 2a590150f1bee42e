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
