import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { nameOptions } from "../../src/dashboard/plans/option-names.ts";
import { PlanOptions } from "../../src/dashboard/plans/plan-options.ts";

const CHANGES = join(import.meta.dirname, "../../src/changes");
/** An upload has no address and no other file; scripts alone ask for JSON. */
const NOT_OF_UPLOADS = new Set(["--allow-private-address", "--map-file", "--json"]);

it("names each option that reading a spreadsheet speaks of as an upload has it", () => {
  const sources = readdirSync(CHANGES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const flags = new Set(
    sources.flatMap((name) => readFileSync(join(CHANGES, name), "utf8").match(/--[a-z-]{3,}/g) ?? []),
  );
  const named = [...flags.difference(NOT_OF_UPLOADS)].map((flag) => nameOptions(flag).replace("the option ", ""));
  expect(named).not.toEqual([]);
  expect(Object.keys(PlanOptions.shape)).toEqual(expect.arrayContaining(named));
});

it("leaves the rest of a sentence as it is", () => {
  expect(nameOptions("Read sheet A, one of 3. Use --sheet for another.")).toBe(
    "Read sheet A, one of 3. Use the option sheet for another.",
  );
});
