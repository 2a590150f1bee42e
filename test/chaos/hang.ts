/** So long may nothing move: longer than a row's lock, a lease and a freeze together take on a machine that is busy with something else. */
const QUIET_MS = 180_000;
const LOOK_EVERY_MS = 1_000;

/**
 * What `work` gives, however long it takes; throws where `moved` has answered the same for three minutes, as the work hangs then, with
 * what `where` says. It goes on then, and must see for itself that it is over.
 */
export async function unlessItHangs<T>(work: Promise<T>, moved: () => number, where: () => string): Promise<T> {
  const hangs = Promise.withResolvers<never>();
  let seen = moved();
  let since = performance.now();
  const watch = setInterval(() => {
    const now = moved();
    if (now !== seen) {
      seen = now;
      since = performance.now();
    } else if (performance.now() - since > QUIET_MS) {
      hangs.reject(new Error(`nothing has moved for ${QUIET_MS / 1_000} s: ${where()}`));
    }
  }, LOOK_EVERY_MS);
  try {
    return await Promise.race([work, hangs.promise]);
  } finally {
    clearInterval(watch);
  }
}
