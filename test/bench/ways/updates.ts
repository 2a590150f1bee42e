/** One PATCH for each entry, in order: what every way to send them is given. */
export interface Updates {
  api: { baseUrl: string; accountId: string; token: string };
  ids: readonly string[];
  /** The new comment of the nth entry. */
  commentOf: (n: number) => string;
  /** At a time. */
  concurrency: number;
}

/** Does a piece of work for each update, so many at a time. */
export async function forEachUpdate(
  { ids, concurrency }: Updates,
  work: (id: string, n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let n = next++; n < ids.length; n = next++) await work(ids[n]!, n);
    }),
  );
}
