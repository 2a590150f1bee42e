import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether this machine has the browser; where not, it says so in one line, and throws under REQUIRE_ALL=1. */
export function hasChromium(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const message = `The page is not tried in a browser: ${CHROMIUM} is missing (apt-get install chromium).`;
  if (process.env["REQUIRE_ALL"] === "1") throw new Error(`${message} REQUIRE_ALL=1 forbids to skip it.`);
  console.warn(message);
  return false;
}

/** Runs `use` in a browser with an empty profile of its own, which is closed and removed afterwards. */
export async function withChromium(
  options: BrowserContextOptions,
  use: (browser: BrowserContext) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), "bulkpatch-chromium-"));
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ARGS,
      ...options,
    });
    try {
      await use(browser);
    } finally {
      await browser.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
