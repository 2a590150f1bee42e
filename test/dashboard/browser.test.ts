import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { serve } from "../../src/dashboard/serve.ts";
import { useChromium, withChromium } from "../report/page/chromium.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { until } from "../until.ts";
import { isStillTheSame, logIn, mark } from "./browser-page.ts";
import { useDashboards, VIEWER } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";
import { storeEndedRun } from "./store-ended-run.ts";

const dashboards = useDashboards({ rows: 12 });
/** More than are looked through at once for a text, and, of those that failed, more than are read for their causes. */
const MANY = 21_000;

/** As the operator's mouse does it: the file is let fall on the place for it. */
async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    `(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: "text/csv" }));
      return data;
    })()`,
  );
  await page.dispatchEvent(".drop", "dragover", { dataTransfer: data });
  await page.dispatchEvent(".drop", "drop", { dataTransfer: data });
}

function streamsOf({ asked }: { asked: readonly string[] }): number {
  return asked.filter((url) => url.endsWith("/api/v1/events")).length;
}

describe.runIf(useChromium())("in a browser", () => {
  it("an operator drops a list, looks at the plan, starts it, sees it end, and takes the report", async (context) => {
    const { serving, entries, startCrew } = await dashboards.setUp(context);
    await withChromium({ viewport: { width: 1100, height: 800 } }, async (browser) => {
      const { page, complaints, asked } = await logIn(browser, serving.listening);
      await page.getByRole("link", { name: "New run" }).click();
      await dropFile(page, "people.csv", commentSheet(entries));
      expect(await page.getByLabel("Spreadsheet").inputValue()).toContain("people.csv");
      await page.getByRole("button", { name: "Upload and show the plan" }).click();
      await page.getByRole("heading", { name: "12 entries are to be updated" }).waitFor();
      await page.getByText("people.csv, 12 rows; nothing was changed yet").waitFor();
      await page.getByRole("button", { name: "Start: update 12 entries" }).click();
      await page.getByText("waits: nobody works on it").waitFor();
      await mark(page);
      await startCrew();
      await page.getByText("All 12 rows are in place").waitFor();
      expect(await isStillTheSame(page)).toBe(true);
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "report.csv" }).click(),
      ]);
      const report = readFileSync(await download.path(), "utf8");
      expect(report.trim().split("\n")).toHaveLength(13);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(serving.listening))).toEqual([]);
    });
  });

  it("reads and acts without a script", async (context) => {
    const { serving, entries, startCrew, comesTo } = await dashboards.setUp(context);
    await withChromium({ javaScriptEnabled: false }, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      await page.getByRole("link", { name: "New run" }).click();
      const buffer = Buffer.from(commentSheet(entries));
      await page.getByLabel("Spreadsheet").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer });
      await page.getByRole("button", { name: "Upload and show the plan" }).click();
      await page.getByRole("button", { name: "Start: update 12 entries" }).click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).click();
      await startCrew();
      await comesTo(new URL(page.url()).pathname.split("/").at(-1)!, "finished");
      await page.reload();
      await page.getByText("All 12 rows are in place").waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
    });
  });

  it("a run that is started elsewhere appears, is paused and resumed, and is seen to end, without a reload", async (context) => {
    const { serving, startRun, startCrew, comesTo, backend } = await dashboards.setUp(context);
    await withChromium({}, async (browser) => {
      const { page, complaints } = await logIn(browser, serving.listening);
      await mark(page);
      const { id } = await startRun();
      await page.locator(`a[href="/runs/${id}"]`).waitFor();
      expect(await isStillTheSame(page)).toBe(true);
      await page.locator(`a[href="/runs/${id}"]`).click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      await startCrew();
      await comesTo(id, "paused");
      expect((await backend.runs.get(id))!.outcomes.updated).toBe(0);
      await page.getByRole("button", { name: "Resume" }).click();
      await mark(page);
      await page.getByText("All 12 rows are in place").waitFor();
      expect(await isStillTheSame(page)).toBe(true);
      expect(complaints).toEqual([]);
    });
  });

  it("shows how far a run is while it goes on, and ends it when asked", async (context) => {
    const { serving, startRun, startCrew, comesTo, api, entries } = await dashboards.setUp(context, {
      client: { timeouts: { headersMs: 120_000 } },
    });
    // One entry is not answered: the run stands still with the others done.
    api.script({ method: "PATCH", entryId: entries[3]!.id, answer: { fault: "hang" } });
    const { id } = await startRun();
    await withChromium({}, async (browser) => {
      const { page, questions } = await logIn(browser, serving.listening);
      await page.goto(`${serving.listening}/runs/${id}`);
      await page.getByText("none of the 12 rows").waitFor();
      await mark(page);
      await startCrew();
      await page.getByText("11 of 12 rows are in place").waitFor();
      await page.getByText(/about \d+ s left|about less than a second left/).waitFor();
      expect(await isStillTheSame(page)).toBe(true);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page
        .getByText(/cancelling|cancelled/)
        .first()
        .waitFor();
      expect(questions).toEqual(["End this run? 1 row will not be tried, and it can't be resumed."]);
      await api.close();
      await comesTo(id, "cancelled");
    });
  });

  it("an operator approves exactly the plan that is held, and sees it carried out", async (context) => {
    const backend = await dashboards.backend(context);
    const { world: keeping, serving, name } = await setUpHeldSchedule(backend);
    try {
      await withChromium({}, async (browser) => {
        const { page, complaints, questions } = await logIn(browser, serving.listening);
        await page.getByRole("link", { name: "Overview" }).click();
        await page.getByText("approve exactly that plan, or reject it").waitFor();
        await page.getByRole("link", { name: `Schedule ${name} is held` }).click();
        await page.getByText("row 2, person0@example.com").waitFor();
        await page.getByRole("button", { name: "Approve exactly this plan" }).click();
        await page.getByText("Approved by operator@127.0.0.1").waitFor();
        expect(questions).toEqual(["Let exactly this plan through, once?"]);
        await mark(page);
        await keeping.pass(keeping.clock.now + 1_000);
        await page.locator("table").getByText("done").waitFor();
        expect(await page.getByText("Held since").count()).toBe(0);
        expect(await isStillTheSame(page)).toBe(true);
        expect(complaints).toEqual([]);
      });
    } finally {
      await serving.close();
      await keeping.close();
    }
  });

  it("one connection serves all tabs, and another tab takes it over", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    await withChromium({}, async (browser) => {
      const first = await logIn(browser, serving.listening);
      await until("the first tab listens", () => streamsOf(first) === 1);
      const page = await browser.newPage();
      const second = { page, asked: [] as string[] };
      page.on("request", (request) => second.asked.push(request.url()));
      await page.goto(`${serving.listening}/runs`);
      const { id } = await startRun();
      for (const tab of [first, second]) await tab.page.locator(`a[href="/runs/${id}"]`).waitFor();
      expect([streamsOf(first), streamsOf(second)]).toEqual([1, 0]);
      await first.page.close();
      await until("the second tab listens", () => streamsOf(second) === 1);
      const later = await startRun();
      await page.locator(`a[href="/runs/${later.id}"]`).waitFor();
    });
  });

  it("says that the connection is lost, and goes on when the server is back", async (context) => {
    const { serving, backend, startRun, desk } = await dashboards.setUp(context);
    const { port } = new URL(serving.listening);
    await withChromium({}, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      await mark(page);
      const lost = page.getByText("Connection lost; trying again");
      await serving.close();
      await lost.waitFor();
      const again = await serve({ ...desk, settings: { ...desk.settings, port: Number(port) } });
      try {
        await lost.waitFor({ state: "hidden" });
        const { id } = await startRun();
        await page.locator(`a[href="/runs/${id}"]`).waitFor();
        expect(await isStillTheSame(page)).toBe(true);
        expect((await backend.runs.get(id))!.state).toBe("running");
      } finally {
        await again.close();
      }
    });
  });

  it("finds rows among very many by outcome and by text, and tells their causes", async (context) => {
    const world = await dashboards.setUp(context);
    const { serving } = world;
    const id = await storeEndedRun(world, MANY, (n) => ({ outcome: n % 3 === 0 ? "failed" : "updated" }));
    await withChromium({}, async (browser) => {
      const { page, complaints } = await logIn(browser, serving.listening);
      await page.goto(`${serving.listening}/runs/${id}`);
      await page.getByRole("heading", { name: "Failed 7,000 rows" }).waitFor();
      await page.getByRole("link", { name: "Look at the rows" }).click();
      await page.getByLabel("Outcome").selectOption("failed");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("person.9@corp.example").waitFor();
      expect(await page.getByText("person.10@corp.example").count()).toBe(0);
      await page.getByLabel("Outcome").selectOption("");
      await page.getByLabel("Text").fill("person.33@corp.example");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("person.33@corp.example").first().waitFor();
      expect(await page.locator("table.rows tbody tr").count()).toBe(1);
      expect(complaints).toEqual([]);
    });
  });

  it("leaves a form that somebody has begun to fill in as it is, while the page is put up to date", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    await withChromium({}, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      await page.getByLabel("State").selectOption("halted");
      await page.getByLabel("Text").fill("otter");
      await page.getByLabel("Started from (UTC)").focus();
      const { id } = await startRun();
      await page.getByRole("link", { name: id }).waitFor();
      expect(await page.getByLabel("State").inputValue()).toBe("halted");
      expect(await page.getByLabel("Text").inputValue()).toBe("otter");
    });
  });

  it("finds runs by state, text and day", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    const { id, createdAt } = await startRun({ maxChanges: 1 });
    const other = await startRun();
    await withChromium({}, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      await page.getByLabel("State").selectOption("halted");
      await page.getByLabel("Text").fill(id);
      await page.getByRole("button", { name: "Show" }).click();
      await page.waitForURL(/state=halted/);
      expect(await page.locator("table a").allTextContents()).toEqual([id]);
      await page.getByLabel("Text").fill(other.id);
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("No run fits.").waitFor();
      const day = new Date(createdAt).toISOString().slice(0, 10);
      await page.goto(`${serving.listening}/runs?name=${id}`);
      await page.getByLabel("Before (UTC)").fill(day);
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("No run fits.").waitFor();
      await page.getByLabel("Before (UTC)").fill("");
      await page.getByLabel("Started from (UTC)").fill(day);
      await page.getByRole("button", { name: "Show" }).click();
      await page.locator("table a").waitFor();
      expect(await page.locator("table a").allTextContents()).toEqual([id]);
    });
  });

  it("a viewer sees everything and no way to act; markup from outside is text", async (context) => {
    const { serving, api, entries, startRun, startCrew, comesTo, ask } = await dashboards.setUp(context);
    const bad = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>";
    api.script({ method: "PATCH", entryId: entries[0]!.id, answer: { status: 400, code: 10203, message: bad } });
    const form = new FormData();
    form.append("file", new Blob([`id,comments\n${entries[0]!.id},${bad}\n`]), `${bad.replaceAll("/", "")}.csv`);
    const plan = (await (await ask("/api/v1/plans", { method: "POST", body: form })).json()) as Record<string, string>;
    const started = await ask(`/api/v1/plans/${plan["id"]}/run`, {
      method: "POST",
      body: JSON.stringify({ digest: plan["digest"] }),
      headers: { "content-type": "application/json" },
    });
    const { id } = (await started.json()) as { id: string };
    const waiting = await startRun({}, 1);
    await startCrew({ only: id });
    await comesTo(id, "finished");
    await withChromium({ bypassCSP: true }, async (browser) => {
      const operator = await logIn(browser, serving.listening);
      const paths = ["/", "/runs", `/runs/${id}`, `/runs/${id}/rows`, `/runs/${id}/rows/2`, `/new/${plan["id"]}`];
      for (const path of paths) {
        await operator.page.goto(`${serving.listening}${path}`);
        expect(await operator.page.evaluate("window.hacked ?? null")).toBeNull();
        if (path !== "/") await operator.page.getByText("<img src=x", { exact: false }).first().waitFor();
      }
      await operator.page.getByRole("button", { name: "Log out" }).click();
      const { page } = await logIn(browser, serving.listening, VIEWER);
      for (const path of ["/", "/runs", `/runs/${waiting.id}`, `/runs/${id}`]) {
        await page.goto(`${serving.listening}${path}`);
        expect(await page.locator("main form[method=post]").count()).toBe(0);
      }
      await page.goto(`${serving.listening}/new`);
      await page.getByText("a viewer can look and not act").waitFor();
    });
  });

  it("a session that is ended elsewhere leads to the login", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    await withChromium({}, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      await page.waitForFunction("document.querySelector('#connection')");
      const cookies = await browser.cookies();
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
      await fetch(`${serving.listening}/logout`, {
        method: "POST",
        redirect: "manual",
        headers: { cookie, "sec-fetch-site": "same-origin" },
      });
      await startRun();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
    });
  });
});
