import { show } from "./show.ts";

/** What a cell parser answers instead of a value. */
export class Refusal {
  readonly expected: string;
  readonly found: string;
  /** @param hint what is wrong with it, or what to do, where that is not plain */
  constructor(expected: string, cell: string, hint?: string) {
    this.expected = expected;
    this.found = hint === undefined ? show(cell) : `${show(cell)} (${hint})`;
  }
}
