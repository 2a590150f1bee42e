/**
 * A process that keeps the schedules of a stand-in's account, for tests that stop it. For each line that it reads it looks once, at
 * the time that stands in a file then, and says `looked`.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { openBackend } from "../../src/backends/open.ts";
import { parseRate } from "../../src/rate.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { runOnce } from "../../src/schedules/run-once.ts";
import { Secret } from "../../src/secret.ts";
import { makeKeeper } from "../../workers/keep-schedules.ts";

const [, , url = "", folder = "", address = ""] = process.argv;
const api = JSON.parse(address) as { token: string; accountId: string; baseUrl: string };
const backend = await openBackend({ url, dataDir: folder });
const keeper = makeKeeper({
  backend,
  registry: openRegistry({ ...api, token: new Secret(api.token) }, parseRate("unlimited"), backend.budget),
  by: "keeper@test",
  dataDir: folder,
  environment: () => undefined,
  now: () => Number(readFileSync(`${folder}/clock`, "utf8")),
  onError: (error) => console.log(error.message),
});
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  await runOnce(keeper);
  console.log("looked");
}
await keeper.close();
await backend.close();
