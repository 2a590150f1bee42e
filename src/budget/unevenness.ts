/** How evenly the stranger comes, by how far what was seen of him within short times is from what his rate makes of them. */
export interface Unevenness {
  /**
   * So many of him were seen by then. In a millisecond, `expected` of them were to be expected, with that `variance` if he came by
   * chance.
   */
  add(seen: number, at: number, expected: number, variance: number): void;
  /** Starts to look anew; what was found out is kept. */
  begin(): void;
  /**
   * Of the variance of who comes by chance, no more than this, as far as can be told; 1 while it can't be told. What is off because
   * requests overtook each other on the way only makes it larger.
   */
  atMost(): number;
  isKnown(): boolean;
}

/** One look is as long as so many requests of his take. */
const LOOK_REQUESTS = 2;
/** After so few looks nothing can be told; older ones than so many count less. */
const FEWEST_LOOKS = 6;
const MOST_LOOKS = 60;
/** Whoever comes by chance looks this even in one case of a hundred. */
const CONFIDENCE_DEVIATIONS = 2.33;
const LEAST = 0.06;

export function createUnevenness(): Unevenness {
  let from: { seen: number; at: number } | null = null;
  let looks = 0;
  let squares = 0;
  return {
    add(seen, at, expected, variance) {
      from ??= { seen, at };
      const ms = at - from.at;
      if (variance * ms < LOOK_REQUESTS) return;
      squares += (seen - from.seen - expected * ms) ** 2 / (variance * ms);
      looks += 1;
      if (looks > MOST_LOOKS) {
        squares *= MOST_LOOKS / looks;
        looks = MOST_LOOKS;
      }
      from = { seen, at };
    },
    begin() {
      from = null;
    },
    isKnown: () => looks >= FEWEST_LOOKS,
    atMost() {
      if (looks < FEWEST_LOOKS) return 1;
      const width = 2 / (9 * looks);
      const least = looks * (1 - width - CONFIDENCE_DEVIATIONS * Math.sqrt(width)) ** 3;
      return Math.min(1, Math.max(LEAST, squares / least));
    },
  };
}
