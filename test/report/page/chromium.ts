import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { afterAll } from "vitest";

/** Debian's packages. The one without windows costs half of what the other does. */
const CHROMIUM = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find((program) => existsSync(program));
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

let launched: Promise<Browser> | null = null;

/**
 * Whether this machine has the browser; where not, it says so in one line, and throws under REQUIRE_ALL=1. To be called once in a file,
 * outside of its tests: the browser that they share, as starting one takes a second, ends after them.
 */
export function useChromium(): boolean {
  afterAll(async () => {
    const browser = await launched;
    launched = null;
    await browser?.close();
  });
  if (CHROMIUM !== undefined) return true;
  const message = "The page is not tried in a browser: Chromium is missing (apt-get install chromium-headless-shell).";
  if (process.env["REQUIRE_ALL"] === "1") throw new Error(`${message} REQUIRE_ALL=1 forbids to skip it.`);
  console.warn(message);
  return false;
}

/** Runs `use` with an empty profile of its own, which is closed and forgotten afterwards. */
export async function withChromium(
  options: BrowserContextOptions,
  use: (browser: BrowserContext) => Promise<void>,
): Promise<void> {
  const browser = await (launched ??= chromium.launch({ executablePath: CHROMIUM!, args: ARGS }));
  const profile = await browser.newContext(options);
  try {
    await use(profile);
  } finally {
    await profile.close();
  }
}
