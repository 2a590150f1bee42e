import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/datastore-host.ts"],
    // Bounds for what hangs, not for what is slow: the machine may be busy with something else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Three on two cores, since many tests wait for a server or a window of time; more would only get in each other's way.
    maxWorkers: 3,
  },
});
