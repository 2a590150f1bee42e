import { parseArgs } from "node:util";
import { measurementsOf } from "./measurements.ts";

/*
 * One measurement in a process of its own, which bench.ts forks at the head of a process group: `node measure-process.ts NAME
 * [--long]`. Sends each figure as it is found. Where bench.ts is gone, it takes all that it started with it.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: "boolean", default: false } },
});
const [measurement] = measurementsOf(positionals);
const { name, load } = measurement!;
process.once("disconnect", () => process.kill(-process.pid, "SIGKILL"));

const measure = await load();
const say = (text: string): void => void process.stderr.write(`    ${name}: ${text}\n`);
for await (const figure of measure({ long: values.long, say })) process.send!(figure);
process.removeAllListeners("disconnect");
process.disconnect();
