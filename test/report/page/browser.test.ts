import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeReport } from "../../../src/report/write-report.ts";
import type { RunRow } from "../../../src/runs/run.ts";
import { companyRows, makeResult, makeRow, makeRun, rowsOfEveryOutcome, START, streamOf } from "../sample-run.ts";
import { axeFindings } from "./axe.ts";
import { useChromium, withChromium } from "./chromium.ts";

/** What a page did that a report must not do. */
interface Watched {
  page: Page;
  /** Console messages, uncaught errors, dialogs. */
  complaints: string[];
  /** Addresses asked for, the page itself included. */
  requests: string[];
}

const WIDTHS = [360, 768, 1280];

let dir: string;

async function writePage(name: string, rows: readonly RunRow[]): Promise<string> {
  await writeReport({
    run: makeRun(rows),
    rows: streamOf(rows),
    dir: join(dir, name),
    version: "0.1.0",
    now: () => START,
  });
  return pathToFileURL(join(dir, name, "report.html")).href;
}

async function openPage(browser: BrowserContext, address: string): Promise<Watched> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => void (request.url().startsWith("data:") || requests.push(request.url())));
  await page.goto(address, { waitUntil: "load" });
  return { page, complaints, requests };
}

/** How much wider than the screen the page is, CSS pixels. */
async function overhang(page: Page): Promise<number> {
  return await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** Where elements begin and end, CSS pixels from the window's left edge; those that take no room are left out. */
async function edges(page: Page, selector: string): Promise<{ name: string; left: number; right: number }[]> {
  return await page.locator(selector).evaluateAll((elements) =>
    elements.flatMap((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width === 0 ? [] : [{ name: `${element.tagName} ${element.id || element.className}`, left, right }];
    }),
  );
}

async function openDetails(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((all) => all.forEach((details) => details.setAttribute("open", "")));
}

describe.skipIf(!useChromium())("in a browser", () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "bulkpatch-page-"));
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  test("the page opens without a complaint, asks for nothing, filters and sorts, and prints", async () => {
    const address = await writePage("company", [...companyRows(800)]);
    await withChromium({ colorScheme: "dark", viewport: { width: 1280, height: 900 } }, async (browser) => {
      const { page, complaints, requests } = await openPage(browser, address);
      expect(await page.locator("h1").textContent()).toContain("762 of 800 rows are in place; 17 entries are synced");
      expect(await page.getByRole("img", { name: "Rows by outcome" }).count()).toBe(1);

      const rows = page.locator("#rows tbody tr:visible");
      await page.getByText("Show 730 rows").click();
      expect(await rows.count()).toBe(730);
      await page.getByLabel("Outcome", { exact: true }).selectOption("rejected_directory_synced");
      expect(await rows.count()).toBe(17);
      await page.getByLabel("Search rows").fill("LOVELACE");
      const hits = await rows.count();
      expect(hits).toBeGreaterThan(0);
      expect(hits).toBeLessThan(17);
      expect(await page.locator("#filter output").textContent()).toBe(`${hits} rows`);
      await page.getByLabel("Search rows").fill("");
      const numbers = async (): Promise<number[]> =>
        (await rows.locator("td:first-child").allTextContents()).map(Number);
      const ascending = await numbers();
      await page.getByRole("button", { name: "Row", exact: true }).click();
      await page.getByRole("button", { name: "Row", exact: true }).click();
      expect(await numbers()).toEqual(ascending.toReversed());

      expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("#rows").isVisible()).toBe(false);
      expect(await page.locator("#updated tbody tr").first().isVisible()).toBe(true);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      expect(complaints).toEqual([]);
      expect(requests).toEqual([address]);
    });
  });

  test("on a phone nothing sticks out, whatever the names are; no text runs as a script or turns the page around", async () => {
    const attack = `"><script>alert(1)</script><img src="https://evil.example/x" onerror=alert(2)>\u202E'\n`;
    const names = [attack, "x".repeat(10_000), "سارة ".repeat(50), "W".repeat(300), "👩‍💻".repeat(100)];
    const hostile = names.flatMap((name, i) =>
      rowsOfEveryOutcome().map((row) => ({
        ...row,
        n: row.n + 12 * i,
        row: row.row + 12 * i,
        cells: [name, name, name],
        entryName: name,
        entryEmail: `${name}@example.com`,
        provenance: name,
        changes: row.changes && { name: { from: name, to: name } },
        result: row.result && { ...row.result, message: name },
      })),
    );
    const address = await writePage("hostile", hostile);
    await withChromium({ viewport: { width: 360, height: 740 } }, async (browser) => {
      const { page, complaints, requests } = await openPage(browser, address);
      await page.locator("#rows summary").click();
      expect(await page.locator("#rows tbody tr:visible").count()).toBe(60);
      expect(await overhang(page)).toBe(0);
      expect(await page.locator("footer").textContent()).toBe("Written by bulkpatch 0.1.0.");
      expect(complaints).toEqual([]);
      expect(requests).toEqual([address]);
    });
  });

  test("at any width the column stands in the middle with margins, and nothing is wider", async () => {
    const address = await writePage("geometry", [...companyRows(600), ...rowsOfEveryOutcome()]);
    await withChromium({}, async (browser) => {
      const { page } = await openPage(browser, address);
      await openDetails(page);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        expect(await overhang(page), `overhang at ${width} px`).toBe(0);
        for (const { name, left, right } of await edges(page, "main > *, main > section > *")) {
          expect(left, `left edge of ${name} at ${width} px`).toBeGreaterThanOrEqual(16);
          expect(right, `right edge of ${name} at ${width} px`).toBeLessThanOrEqual(width - 16);
        }
        const [main, footer] = await edges(page, "main, footer");
        expect(main!.left).toBe(width - main!.right);
        expect(main!.right - main!.left).toBe(Math.min(width, 896));
        expect([footer!.left, footer!.right]).toEqual([main!.left, main!.right]);
      }
    });
  });

  test("people with other eyes and tools can read it, light and dark", async () => {
    const address = await writePage("axe", [...companyRows(40), ...rowsOfEveryOutcome()]);
    await withChromium({ viewport: { width: 1280, height: 900 } }, async (browser) => {
      const { page } = await openPage(browser, address);
      await openDetails(page);
      expect(await axeFindings(page)).toEqual([]);
    });
  });

  test("without JavaScript the same is said, and no control stands there that does nothing", async () => {
    const address = await writePage("plain", [...companyRows(100), makeRow(100, { result: makeResult("unchanged") })]);
    await withChromium({ javaScriptEnabled: false }, async (browser) => {
      const { page, complaints } = await openPage(browser, address);
      await page.locator("#rows summary").click();
      expect(await page.locator("#rows tbody tr:visible").count()).toBe(101);
      expect(await page.locator("#filter").isVisible()).toBe(false);
      expect(await page.locator("button").count()).toBe(0);
      expect(await page.locator("#about time").first().textContent()).toBe("20 Nov 2026, 14:02 UTC");
      expect(complaints).toEqual([]);
    });
  });
});
