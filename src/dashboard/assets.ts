import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { STYLE } from "../report/page/style.ts";

/** What the pages load. Read once: nothing else on the disk can be asked for. */
const ASSETS = {
  "style.css": { file: own("style.css"), type: "text/css; charset=utf-8" },
  "dashboard.js": { file: own("dashboard.js"), type: "text/javascript; charset=utf-8" },
  "idiomorph.js": { file: idiomorph(), type: "text/javascript; charset=utf-8" },
} as const;
export type AssetName = keyof typeof ASSETS;

export const ASSET_NAMES = Object.keys(ASSETS) as AssetName[];

interface Asset {
  body: Buffer;
  type: string;
  /** Another one for another content. */
  version: string;
}

const loaded = new Map<string, Asset>();

/** The address of an asset. It changes with the content, so that browsers keep it for as long as it stays the same. */
export function assetUrl(name: AssetName): string {
  return `/assets/${name}?v=${loadAsset(name).version}`;
}

export function loadAsset(name: AssetName): Asset {
  let asset = loaded.get(name);
  if (!asset) {
    const { file, type } = ASSETS[name];
    // The pages look as the report does, and add what only they have.
    const body = Buffer.from((name === "style.css" ? STYLE : "") + readFileSync(file, "utf8"));
    asset = { body, type, version: createHash("sha256").update(body).digest("base64url").slice(0, 10) };
    loaded.set(name, asset);
  }
  return asset;
}

/** They are no TypeScript, so a compiled package has them where the sources have them. */
function own(name: string): string {
  return join(dirname(findPackageJSON("..", import.meta.url)!), "src/dashboard/assets", name);
}

function idiomorph(): string {
  return join(dirname(fileURLToPath(import.meta.resolve("idiomorph"))), "idiomorph.min.js");
}
