import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { hasChromium, withChromium } from "../report/page/chromium.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { type DashboardWorld, OPERATOR, setUpDashboard } from "./dashboard-world.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let backend: Backend | null = null;
let world: DashboardWorld;
afterEach(() => world?.close());
afterAll(async () => await backend?.close());

async function setUp(context: TestContext): Promise<void> {
  backend ??= await openForTest("embedded", context);
  world = await setUpDashboard({ backend, rows: 12 });
}

/** A page that is logged in, with all that it complained of. */
async function logIn(browser: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(`${world.serving.listening}/runs`);
  await page.getByLabel("Token").fill(OPERATOR);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  return { page, complaints };
}

describe.runIf(hasChromium())("in a browser", () => {
  it("an operator uploads a list, looks at the plan, starts it, and sees it end without a reload", async (context) => {
    await setUp(context);
    await withChromium({ viewport: { width: 1100, height: 800 } }, async (browser) => {
      const { page, complaints } = await logIn(browser);
      await page.getByRole("link", { name: "New run" }).click();
      const buffer = Buffer.from(commentSheet(world.entries));
      await page.getByLabel("Spreadsheet").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer });
      await page.getByRole("button", { name: "Upload and show the plan" }).click();
      await page.getByRole("heading", { name: "12 entries are to be updated" }).waitFor();
      await page.getByRole("button", { name: "Start: update 12 entries" }).click();
      await page.getByText("waits: nobody works on it").waitFor();
      await page.evaluate("window.stillTheSame = true");
      await world.startCrew();
      await page.getByText("finished", { exact: false }).first().waitFor();
      await page.getByText("All 12 rows are in place").waitFor();
      expect(await page.evaluate("window.stillTheSame")).toBe(true);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "report.csv" }).click(),
      ]);
      expect(
        readFileSync(await download.path(), "utf8")
          .trim()
          .split("\n"),
      ).toHaveLength(13);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it("no page overflows at any width, and axe finds nothing serious", async (context) => {
    await setUp(context);
    const { id } = await world.startRun();
    await withChromium({ bypassCSP: true }, async (browser) => {
      const { page } = await logIn(browser);
      for (const path of [
        "/",
        "/runs",
        `/runs/${id}`,
        `/runs/${id}/rows`,
        `/runs/${id}/rows/2`,
        "/schedules",
        "/budget",
        "/new",
      ]) {
        for (const width of [360, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          await page.goto(world.serving.listening + path);
          const over = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
          expect({ path, width, over }).toEqual({ path, width, over: 0 });
        }
        await page.addScriptTag({ path: AXE });
        const found = await page.evaluate<string[]>(
          "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
        );
        expect({ path, found }).toEqual({ path, found: [] });
      }
    });
  });
});
