import { pathToFileURL } from "node:url";
import { TestRunner } from "vitest";

/**
 * Loads a test file under its own address. Vitest adds the time to it, for a process that loads a file twice, which ours don't: then each
 * test run would leave all test files in Node's compile cache once more.
 */
export default class NativeRunner extends TestRunner {
  override async importFile(filepath: string): Promise<unknown> {
    return await import(pathToFileURL(filepath).href);
  }
}
