/** Lets so many in at a time, in the order in which they came. */
export class Lanes {
  readonly #waiting: (() => void)[] = [];
  #free: number;
  /** Where the first of those who wait is; what lies before it is forgotten now and then. */
  #next = 0;

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when it is the caller's turn, with what lets in the next one; calling that twice does nothing more. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let inside = true;
    return () => {
      if (inside) this.#leave();
      inside = false;
    };
  }

  #leave(): void {
    const next = this.#waiting[this.#next];
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#next += 1;
    if (this.#next === this.#waiting.length || this.#next > 1_000) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    next();
  }
}
