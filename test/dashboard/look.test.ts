import { describe, expect, it } from "vitest";
import { useChromium, withChromium } from "../report/page/chromium.ts";
import { commentSheet } from "../runs/decided-rows.ts";
import { expectGoodLooks, logIn } from "./browser-page.ts";
import { finishRefusedRun, useDashboards } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";

const dashboards = useDashboards({ rows: 12 });
/** Seventeen pages, on whatever machine. */
const LONG = 300_000;

describe.runIf(useChromium())("how pages look", () => {
  it("none overflows at any width, and axe finds nothing serious", { timeout: LONG }, async (context) => {
    const world = await dashboards.setUp(context);
    const { serving, entries, startRun, ask } = world;
    const { run, crew } = await finishRefusedRun(world, entries.slice(0, 3), "no ".repeat(60));
    await crew.stop();
    const waiting = await startRun();
    await startRun({ maxChanges: 1 });
    const form = new FormData();
    form.append("file", new Blob([`${commentSheet(entries)}no-such-id,x\r\n`]), `${"long-name-".repeat(12)}.csv`);
    const plan = (await (await ask("/api/v1/plans", { method: "POST", body: form })).json()) as { id: string };
    const rows = `/runs/${run.id}/rows`;
    const lists = ["/", "/runs", "/runs?name=none", "/schedules", "/workers", "/budget", rows];
    const others = [
      "/new",
      `/new/${plan.id}`,
      `/runs/${run.id}`,
      `/runs/${waiting.id}`,
      `${rows}/2`,
      "/nothing",
      "/login",
    ];
    await withChromium({ bypassCSP: true }, async (browser) => {
      const { page, asked } = await logIn(browser, serving.listening);
      for (const path of [...lists, ...others]) await expectGoodLooks(page, path);
      expect(asked.filter((url) => !url.startsWith(serving.listening))).toEqual([]);
    });
  });

  it("a held schedule's page does the same", { timeout: LONG }, async (context) => {
    const { world, serving, name } = await setUpHeldSchedule(await dashboards.backend(context));
    try {
      await withChromium({ bypassCSP: true }, async (browser) => {
        const { page } = await logIn(browser, serving.listening);
        for (const path of ["/", "/schedules", `/schedules/${name}`]) await expectGoodLooks(page, path);
      });
    } finally {
      await serving.close();
      await world.close();
    }
  });

  it("on a phone each cell of a list says its column's head", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    const { id } = await startRun();
    await withChromium({ viewport: { width: 360, height: 800 } }, async (browser) => {
      const { page } = await logIn(browser, serving.listening);
      const row = page.getByRole("row").filter({ hasText: id });
      await row.waitFor();
      const heads = await page.evaluate<string[]>(
        `[...document.getElementById("run-${id}").cells].slice(1).map((cell) => getComputedStyle(cell, "::before").content)`,
      );
      expect(heads.map((head) => head.split(" / ")[0])).toEqual(['"State"', '"Rows"', '"Requests"', '"Started"']);
      expect(await page.getByRole("columnheader", { name: "State" }).count()).toBe(1);
    });
  });

  it("the queues are shown without a complaint and without asking another host", async (context) => {
    const { serving, startRun } = await dashboards.setUp(context);
    const { id } = await startRun();
    await withChromium({}, async (browser) => {
      const { page, complaints, asked } = await logIn(browser, serving.listening);
      await page.goto(`${serving.listening}/queues`);
      await page.getByText(id).first().waitFor();
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith(serving.listening))).toEqual([]);
    });
  });

  it("loads no more than 25 kB of script", async (context) => {
    const { ask } = await dashboards.setUp(context);
    const page = await (await ask("/")).text();
    const scripts = [...page.matchAll(/<script src="([^"]+)"/g)].map(([, src]) => src!);
    const sizes = await Promise.all(scripts.map(async (src) => (await (await ask(src)).arrayBuffer()).byteLength));
    expect(sizes).toHaveLength(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(25_000);
  });
});
