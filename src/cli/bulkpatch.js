#!/usr/bin/env node
/*
 * Where the command starts, in JavaScript that an old Node reads too: says so in one line where Node is too old, then starts the
 * program, which is TypeScript in a checkout and compiled in a published package.
 */
import { existsSync, readFileSync } from "node:fs";
import * as module from "node:module";

const { engines } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const needed = engines.node.replace(">=", "");

if (isOlder(process.versions.node, needed)) {
  process.stderr.write(
    `error: bulkpatch needs Node ${needed} or later, and this is Node ${process.versions.node} (${process.execPath})\n` +
      "  → install Node 24; in a checkout `npm run --silent bulkpatch --` uses the one that `npm ci` brought\n",
  );
  process.exitCode = 1;
} else {
  module.enableCompileCache?.();
  const source = new URL("./main.ts", import.meta.url);
  await import(existsSync(source) ? source.href : new URL("../../dist/src/cli/main.js", import.meta.url).href);
}

function isOlder(version, than) {
  const [major, minor] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = than.split(".").map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
