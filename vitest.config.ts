import { defineConfig } from "vitest/config";
import { COMPILE_CACHE } from "./test/compile-cache.ts";
import { SlowFirst } from "./test/slow-first.ts";

/** Plain functions. */
const PLAIN = ["test/*.test.ts", "test/{budget,changes,demo,doctor,plan,registry,report}/**/*.test.ts"];
/** Among them: what measures memory or time, and browsers. */
const MEASURED = [
  "test/report/{clip,memory}.test.ts",
  "test/budget/*.real-time.test.ts",
  "test/report/page/browser.test.ts",
];

export default defineConfig({
  test: {
    // Bounds for what hangs, not for what is slow: the machine may be busy with something else.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Four on two cores, since many tests wait for a server or a window of time; more would only get in each other's way.
    maxWorkers: 4,
    sequence: { sequencer: SlowFirst },
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    // A test leaves nothing behind, so one process runs file after file, and loads what they share once.
    isolate: false,
    // Node itself loads the sources, as it does for users; vite, which mocks and transforms, would cost as much again.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    runner: "./test/native-runner.ts",
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["test/**/*.test.ts"],
          exclude: PLAIN,
          globalSetup: ["test/datastore-host.ts"],
        },
      },
      { extends: true, test: { name: "measured", include: MEASURED, isolate: true } },
      { extends: true, test: { name: "plain", include: PLAIN, exclude: MEASURED } },
    ],
  },
});
