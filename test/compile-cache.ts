import { resolve } from "node:path";

/**
 * Where Node keeps what it made of the sources, for all processes of the tests: half of the time that a command takes is Node
 * reading them.
 */
export const COMPILE_CACHE = resolve(import.meta.dirname, "../node_modules/.cache/node-compile");
