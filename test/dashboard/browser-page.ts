import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { axeFindings } from "../report/page/axe.ts";
import { OPERATOR } from "./dashboard-world.ts";

/** A page that is logged in, with all that it complained of and every address that it asked for. */
export interface LoggedIn {
  page: Page;
  complaints: string[];
  asked: string[];
  /** What it asked before it did something. */
  questions: string[];
}

/** Logs in as somebody does who opens the list of runs. Questions are answered with yes. */
export async function logIn(browser: BrowserContext, address: string, token = OPERATOR): Promise<LoggedIn> {
  const page = await browser.newPage();
  const seen: LoggedIn = { page, complaints: [], asked: [], questions: [] };
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && seen.complaints.push(message.text())));
  page.on("request", (request) => seen.asked.push(request.url()));
  page.on("dialog", (dialog) => {
    seen.questions.push(dialog.message());
    void dialog.accept();
  });
  await page.goto(`${address}/runs`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  return seen;
}

/** Marks a page, so that `isStillTheSame` tells whether it was loaded anew. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate("window.stillTheSame = true");
}

export async function isStillTheSame(page: Page): Promise<boolean> {
  return (await page.evaluate("window.stillTheSame === true")) as boolean;
}

const WIDTHS = [360, 768, 1280];
/** Nothing is wider than the window, and the middle is in the middle, with a margin. */
const GOOD_SHAPE = { over: 0, aside: 0, hasMargin: true };

/**
 * Expects of a page that nothing sticks out of it in windows of every width, and that axe finds nothing serious or critical on it, nor on its
 * colours when it is dark. Needs a browser with `bypassCSP`.
 */
export async function expectGoodLooks(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  for (const width of WIDTHS)
    expect({ path, width, ...(await shapeAt(page, width)) }).toEqual({ path, width, ...GOOD_SHAPE });
  const found = (await axeFindings(page)).filter(({ impact }) => impact === "serious" || impact === "critical");
  expect({ path, found }).toEqual({ path, found: [] });
}

async function shapeAt(page: Page, width: number): Promise<object> {
  await page.setViewportSize({ width, height: 800 });
  return await page.evaluate<object>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const { left, right } = document.querySelector("main").getBoundingClientRect();
    const text = document.querySelector("h1").getBoundingClientRect().left;
    return { over: scrollWidth - clientWidth, aside: Math.round(left - (clientWidth - right)), hasMargin: text >= 12 };
  })()`);
}
