import { openSource } from "../../src/changes/open-source.ts";
import { keepHeapLean } from "../../src/lean-heap.ts";
import { peakMb } from "./peak-memory.ts";

/* Reads and checks one spreadsheet and does nothing else: `node read-process.ts FILE`. Prints `{"rows", "mb"}`. */

keepHeapLean(); // as the command line does
const source = await openSource(process.argv[2]!);
let rows = 0;
for await (const _ of source.rows()) rows += 1;
await source.close();
process.stdout.write(JSON.stringify({ rows, mb: peakMb() }));
