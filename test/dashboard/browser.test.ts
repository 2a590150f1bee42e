import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, describe, expect, it, type TestContext } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { hasChromium, withChromium } from "../report/page/chromium.ts";
import { openForTest } from "../runs/address-for-test.ts";
import { ended, event, sampleRow, sampleRun } from "../backends/sample-run.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { type DashboardWorld, OPERATOR, setUpDashboard } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";

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
async function logIn(
  browser: BrowserContext,
  listening = world.serving.listening,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("dialog", (dialog) => void dialog.accept());
  await page.goto(`${listening}/runs`);
  await page.getByLabel("Token").fill(OPERATOR);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  return { page, complaints };
}

const WIDTHS = [360, 768, 1280];
/** Nothing is wider than the window, and the middle is in the middle, with a margin. */
const GOOD_SHAPE = { over: 0, aside: 0, hasMargin: true };

async function shapeOf(page: Page, path: string, width: number): Promise<unknown> {
  await page.setViewportSize({ width, height: 800 });
  await page.goto(new URL(path, page.url()).href);
  const shape = await page.evaluate<object>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const { left, right } = document.querySelector("main").getBoundingClientRect();
    const text = document.querySelector("h1").getBoundingClientRect().left;
    return { over: scrollWidth - clientWidth, aside: Math.round(left - (clientWidth - right)), hasMargin: text >= 12 };
  })()`);
  return { path, width, ...shape };
}

/** A run of this many rows, straight into the store: every tenth row failed, the others were updated. */
async function storeRun(rows: number): Promise<string> {
  const run = sampleRun({ accountId: world.api.accountId, createdAt: Date.now() });
  const at = { ...event("started"), at: Date.now() };
  await world.backend.runs.create(run, at);
  for (let from = 0; from < rows; from += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, n) => sampleRow(from + n));
    await world.backend.rows.stage(run.id, some);
    const results = some.map(({ n }) => ended(n, n % 10 === 0 ? "failed" : "updated"));
    await world.backend.rows.record(run.id, results);
  }
  await world.backend.runs.move(run.id, ["planning"], "finished", null, { ...at, what: "finished" });
  return run.id;
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
      const buffer = Buffer.from(commentSheet(world.entries));
      await page.getByRole("link", { name: "New run" }).click();
      await page.getByLabel("Spreadsheet").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer });
      await page.getByRole("button", { name: "Upload and show the plan" }).click();
      await page.getByRole("heading", { name: "12 entries are to be updated" }).waitFor();
      const plan = new URL(page.url()).pathname;
      const places = ["/", "/runs", "/schedules", "/workers", "/budget", "/new", plan];
      for (const path of [...places, `/runs/${id}`, `/runs/${id}/rows`, `/runs/${id}/rows/2`]) {
        for (const width of WIDTHS) expect(await shapeOf(page, path, width)).toEqual({ path, width, ...GOOD_SHAPE });
        await page.addScriptTag({ path: AXE });
        const found = await page.evaluate<string[]>(
          "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0].html}`))",
        );
        expect({ path, found }).toEqual({ path, found: [] });
      }
    });
  });

  it("a run that is started elsewhere appears, is paused and resumed, and is seen to end, without a reload", async (context) => {
    await setUp(context);
    await withChromium({}, async (browser) => {
      const { page, complaints } = await logIn(browser);
      await page.evaluate("window.stillTheSame = true");
      const { id } = await world.startRun();
      await page.locator(`a[href="/runs/${id}"]`).waitFor();
      expect(await page.evaluate("window.stillTheSame")).toBe(true);
      await page.locator(`a[href="/runs/${id}"]`).click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      const crew = await world.startCrew();
      await world.comesTo(id, "paused");
      expect((await world.backend.runs.get(id))!.outcomes.updated).toBe(0);
      await page.getByRole("button", { name: "Resume" }).click();
      await page.evaluate("window.stillTheSame = true");
      await page.getByText("All 12 rows are in place").waitFor();
      expect(await page.evaluate("window.stillTheSame")).toBe(true);
      await crew.stop();
      expect(complaints).toEqual([]);
    });
  });

  it("says that the connection is lost, and goes on when the server is back", async (context) => {
    await setUp(context);
    await withChromium({}, async (browser) => {
      const { page } = await logIn(browser);
      const { port } = new URL(world.serving.listening);
      await page.evaluate("window.stillTheSame = true");
      const lost = page.getByText("Connection lost; trying again");
      await world.close();
      await lost.waitFor();
      world = await setUpDashboard({ backend: backend!, rows: 1, settings: { port: Number(port) } });
      await lost.waitFor({ state: "hidden" });
      const { id } = await world.startRun();
      await page.locator(`a[href="/runs/${id}"]`).waitFor();
      expect(await page.evaluate("window.stillTheSame")).toBe(true);
    });
  });

  it("finds rows among 100,000 by outcome and by text", async (context) => {
    await setUp(context);
    const id = await storeRun(100_000);
    await withChromium({}, async (browser) => {
      const { page, complaints } = await logIn(browser);
      await page.goto(`${world.serving.listening}/runs/${id}/rows`);
      await page.getByLabel("Outcome").selectOption("failed");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("person.10@corp.example").waitFor();
      expect(await page.getByText("person.11@corp.example").count()).toBe(0);
      await page.getByLabel("Outcome").selectOption("");
      await page.getByLabel("Text").fill("person.33@corp.example");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("person.33@corp.example").first().waitFor();
      expect(await page.locator("table.rows tbody tr").count()).toBe(1);
      expect(complaints).toEqual([]);
    });
  });

  it("the page of a held schedule fits every width", async (context) => {
    backend ??= await openForTest("embedded", context);
    const { world: keeping, serving, name } = await setUpHeldSchedule(backend);
    try {
      await withChromium({}, async (browser) => {
        const { page, complaints } = await logIn(browser, serving.listening);
        const path = `/schedules/${name}`;
        for (const width of WIDTHS) expect(await shapeOf(page, path, width)).toEqual({ path, width, ...GOOD_SHAPE });
        expect(complaints).toEqual([]);
      });
    } finally {
      await serving.close();
      await keeping.close();
    }
  });
});
