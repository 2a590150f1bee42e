import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

const { version } = JSON.parse(readFileSync(findPackageJSON("..", import.meta.url)!, "utf8")) as { version: string };

/** Of this program, as in package.json: the nearest one above, both in a checkout and compiled. */
export const VERSION = version;
