import { expect, it } from "vitest";
import { explainRedis } from "../../src/backends/redis/errors.ts";
import { reportWorkerErrors } from "../../workers/worker-errors.ts";

it("tells an outage of the datastore once a minute, and nothing of locks that ran out meanwhile", () => {
  let now = 0;
  const told: string[] = [];
  const address = "redis://queue:6379";
  const report = reportWorkerErrors(
    { address, explain: (error) => explainRedis(address, error) },
    (error) => told.push(error.message),
    () => now,
  );
  const refused = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:6379"), { code: "ECONNREFUSED" });
  for (now = 0; now < 120_000; now += 500) report(refused);
  report(new Error("could not renew lock for job r99"));
  report(new Error("Missing lock for job r101. moveToFinished"));
  for (let i = 0; i < 2; i += 1) report(new Error("OOM command not allowed when used memory > 'maxmemory'."));
  expect(told).toEqual([
    "the connection to redis://queue:6379 has trouble (ECONNREFUSED)",
    "the connection to redis://queue:6379 has trouble (ECONNREFUSED)",
    "Redis at redis://queue:6379 has no memory left (maxmemory), so it takes nothing more",
  ]);
});
