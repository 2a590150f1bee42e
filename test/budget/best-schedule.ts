/** What somebody who knows the future has to keep to. Times are in milliseconds of the world's clock. */
export interface Foreseen {
  requests: number;
  startAt: number;
  /** Between two requests at the least. */
  everyMs: number;
  /** Requests that can be under way at once. */
  atOnce: number;
  /** How long the next one takes until it is answered. */
  nextFlightMs: () => number;
  /** So many of ours are in no window of that length. */
  ours: { limit: number; windowMs: number };
  /** What the server enforces of ours and the stranger's together. */
  server: { requests: number; windowMs: number; window: "fixed" | "sliding" };
  /** When the stranger's next request arrives; Infinity: never. */
  nextOfStranger: () => number;
  /**
   * Left of the window over and above what the stranger will take, by who does not know that: while so many milliseconds of it
   * are to come. Less time, less is left. Default: nothing.
   */
  kept?: (ms: number) => number;
}

/**
 * When the last request is answered by the best schedule that there is: each request goes at the first moment at which nobody goes
 * over the limit now or later, the stranger included. To wait longer with one never lets a later one go sooner, so no schedule
 * is better. What counts is the moment of sending: the way to the server takes no time here.
 */
export function bestDoneAt(foreseen: Foreseen): number {
  const { requests, startAt, everyMs, atOnce, nextFlightMs, ours } = foreseen;
  const sentAt = new Float64Array(requests);
  const room = roomAtServer(foreseen, sentAt);
  const freeAt = new Float64Array(Math.min(atOnce, requests)).fill(startAt);
  let doneAt = startAt;
  for (let n = 0; n < requests; n++) {
    const slot = indexOfLeast(freeAt);
    let at = freeAt[slot]!;
    if (n > 0) at = Math.max(at, sentAt[n - 1]! + everyMs);
    if (n >= ours.limit) at = Math.max(at, sentAt[n - ours.limit]! + ours.windowMs);
    at = room(n, at);
    sentAt[n] = at;
    const answeredAt = at + nextFlightMs();
    freeAt[slot] = answeredAt;
    doneAt = Math.max(doneAt, answeredAt);
  }
  return doneAt;
}

/** When the request with this index may go, from `at` on, so that nobody is refused. */
type Room = (index: number, at: number) => number;

function roomAtServer(foreseen: Foreseen, sentAt: Float64Array): Room {
  const { server, nextOfStranger } = foreseen;
  const theirs: number[] = [];
  let next = nextOfStranger();
  const foresee = (until: number): void => {
    for (; next <= until; next = nextOfStranger()) theirs.push(next);
  };
  return server.window === "fixed" ? inFixed(foreseen, theirs, foresee) : inSliding(foreseen, theirs, foresee, sentAt);
}

function inFixed(
  { server: { requests: limit, windowMs }, kept = () => 0 }: Foreseen,
  theirs: readonly number[],
  foresee: (until: number) => void,
): Room {
  let end = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (_index, at) => {
    for (;;) {
      if (at >= end || left <= 0) {
        const start = Math.max(end, Math.floor(at / windowMs) * windowMs);
        end = start + windowMs;
        foresee(end);
        left = limit - (firstFrom(theirs, end) - firstFrom(theirs, start));
        at = Math.max(at, start);
      }
      while (at < end && left - kept(end - at) < 1) at += KEPT_STEP_MS;
      if (at < end && left > 0) break;
    }
    left--;
    return at;
  };
}

function inSliding(
  { server, kept = () => 0 }: Foreseen,
  theirs: readonly number[],
  foresee: (until: number) => void,
  sentAt: Float64Array,
): Room {
  const { windowMs } = server;
  const limit = Math.floor(server.requests - kept(windowMs));
  /** Of ours, so many fit the window that ends with this request of the stranger's. */
  const roomFor = (their: number): number =>
    limit - (their + 1 - firstFrom(theirs, theirs[their]! - windowMs + TINY_MS));
  const rooms: number[] = [];
  /** Whether so many of ours fit the window that ends then, if the last of them is sent by then and `index` is its index. */
  const fits = (index: number, room: number, end: number): boolean =>
    room > index || (room > 0 && sentAt[index - room]! + windowMs <= end);

  return (index, at) => {
    for (;;) {
      foresee(at + windowMs);
      while (rooms.length < theirs.length) rooms.push(roomFor(rooms.length));
      let last = theirs.length - 1;
      while (last >= 0 && theirs[last]! >= at && fits(index, rooms[last]!, theirs[last]!)) last--;
      if (last >= 0 && theirs[last]! >= at) {
        at = theirs[last]! + TINY_MS;
        continue;
      }
      const oldest = firstFrom(theirs, at - windowMs + TINY_MS);
      const room = limit - (firstFrom(theirs, at + TINY_MS) - oldest);
      if (fits(index, room, at)) return at;
      at =
        Math.min(theirs[oldest] ?? Infinity, index >= room ? sentAt[index - Math.max(1, room)]! : Infinity) + windowMs;
    }
  };
}

const TINY_MS = 1e-6;
const KEPT_STEP_MS = 100;

function indexOfLeast(list: Float64Array): number {
  let least = 0;
  for (let i = 1; i < list.length; i++) if (list[i]! < list[least]!) least = i;
  return least;
}

/** Index of the first that is not before `time`. */
function firstFrom(sorted: readonly number[], time: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
