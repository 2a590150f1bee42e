import { HtmlValidate } from "html-validate";
import { expect, test } from "vitest";
import type { RunRow } from "../../../src/runs/run.ts";
import { renderText } from "../captured-text.ts";
import { companyRows, makeRun, rowsOfEveryOutcome } from "../sample-run.ts";

const validator = new HtmlValidate({ root: true, extends: ["html-validate:standard"] });

async function complaints(page: string): Promise<string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `line ${line}: ${message} (${ruleId})`),
  );
}

function warnedRows(): RunRow[] {
  const warnings = [{ code: "lookalike_domain", message: "the domain <c0rp.example> looks like corp.example" }];
  return rowsOfEveryOutcome().map((row) => ({ ...row, warnings: [...warnings, ...warnings] }));
}

test.each([
  ["one row of each outcome", rowsOfEveryOutcome()],
  ["an ordinary company", [...companyRows(300)]],
  ["rows with warnings", warnedRows()],
  ["no rows", []],
])("the page is valid HTML: %s", async (_name, rows) => {
  const page = await renderText("html", makeRun(rows, { reason: "one of the two" }), rows);
  expect(await complaints(page)).toEqual([]);
});

test("everything that is said stands in the one main element, but the footer", async () => {
  const rows = rowsOfEveryOutcome();
  const page = await renderText("html", makeRun(rows), rows);
  const main = page.slice(page.indexOf("<main>"), page.indexOf("</main>"));
  expect(page.match(/<section\b/g)).toHaveLength(main.match(/<section\b/g)!.length);
  expect(page.slice(page.indexOf("</main>"))).toMatch(/^<\/main>\s*<footer>/);
  expect(page.trimEnd().endsWith("</html>")).toBe(true);
});
