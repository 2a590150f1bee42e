import { writeFileSync } from "node:fs";
import { peakMb } from "./peak-memory.ts";

/* Loaded before a program with `--import`: at its end the most that it had resident, in MB, is in the file of BENCH_PEAK_FILE. */

process.on("exit", () => writeFileSync(process.env["BENCH_PEAK_FILE"]!, String(peakMb())));
