import { expect, it } from "vitest";
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
