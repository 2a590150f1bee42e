import { setTimeout as sleep } from "node:timers/promises";

/** Waits for what a process does in its own time, looking often; answers what `look` answered when it was something. Throws after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen as NonNullable<Exclude<T, false>>;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs / 1_000} s`);
    await sleep(20);
  }
}
