import type { Figure } from "./figure.ts";

/** What a measurement is given. */
export interface MeasureOptions {
  /** Measure also what takes many minutes. */
  long: boolean;
  /** Says how far it is, on standard error. */
  say: (text: string) => void;
}

/** Gives its figures as it finds them, and leaves nothing open. Runs in a process of its own, with a folder for temporary files that goes with it. */
export type Measure = (options: MeasureOptions) => AsyncIterable<Figure>;
