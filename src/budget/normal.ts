/* The standard normal distribution, near enough for a reserve (Abramowitz and Stegun 26.2.17 and 26.2.23). */

/** How likely it is to lie more than so many deviations above the mean. */
export function tailBeyond(deviations: number): number {
  const z = Math.abs(deviations);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (series * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  return deviations < 0 ? 1 - tail : tail;
}

/** So many deviations above the mean is where it is only this likely to lie beyond; `tail` more than 0 and less than 1. */
export function deviationsFor(tail: number): number {
  if (tail > 0.5) return -deviationsFor(1 - tail);
  const t = Math.sqrt(-2 * Math.log(tail));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}
