import { createRequire } from "node:module";
import type * as BullMQ from "bullmq";

const require = createRequire(import.meta.url);

/**
 * BullMQ, which is loaded with its first use: it is large, and a command that only looks at runs makes no queue. Not by `import()`,
 * as a queue or worker is made without waiting.
 */
export function bullmq(): typeof BullMQ {
  return require("bullmq") as typeof BullMQ;
}
