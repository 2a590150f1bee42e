import { setFlagsFromString } from "node:v8";

/** Requests a second that the code of V8's baseline compiler keeps up with, on a slow machine too. */
const BASELINE_KEEPS_UP = 300;
const WASM_TIERING_BUDGET = 13_000_000; // V8's default

/**
 * Chooses how V8 compiles the WebAssembly that is loaded from now on. PGlite takes some 320 MB with the baseline compiler alone; what
 * the optimizing one compiles at the start of every process takes as much again, and makes its start slower. So it is used only
 * where nothing but this process sets the pace, and there only for what has run a hundred times as long as V8 would wait.
 */
export function chooseWasmTiers(requestsPerSecond: number): void {
  setFlagsFromString(
    requestsPerSecond <= BASELINE_KEEPS_UP
      ? "--liftoff-only --no-wasm-tier-up --no-wasm-dynamic-tiering" // V8 draws the last two from the first only when it starts
      : `--no-liftoff-only --wasm-tier-up --wasm-dynamic-tiering --wasm-tiering-budget=${100 * WASM_TIERING_BUDGET}`,
  );
}
