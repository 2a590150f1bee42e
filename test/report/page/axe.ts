import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, ImpactValue } from "axe-core";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe looks for in each theme. The dark one differs in its colours alone, so only the rules about colours look at it. */
const LOOKED_FOR = { light: {}, dark: { runOnly: ["color-contrast", "link-in-text-block"] } };

interface Finding {
  colorScheme: "light" | "dark";
  rule: string;
  impact: ImpactValue | undefined;
  /** The first of the elements that it is about. */
  html: string;
}

/** What axe finds wrong on a page that is open, light and dark; leaves it dark. */
export async function axeFindings(page: Page): Promise<Finding[]> {
  await page.evaluate(AXE);
  const findings: Finding[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const options = JSON.stringify({ resultTypes: ["violations"], ...LOOKED_FOR[colorScheme] });
    const { violations } = (await page.evaluate(`axe.run(${options})`)) as AxeResults;
    for (const { id, impact, nodes } of violations)
      findings.push({ colorScheme, rule: id, impact, html: nodes[0]!.html });
  }
  return findings;
}
