import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/datastore-host.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Real processes on a busy machine: one second try, which the summary tells of. None on a developer's desk.
    retry: process.env.CI ? 1 : 0,
  },
});
