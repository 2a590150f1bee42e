/** How the stand-in limits requests: whoever goes over it is blocked, as at Cloudflare. */
export interface LimitSettings {
  /** Requests in one window; the next one blocks. */
  requests: number;
  /** The headers tell it in whole seconds, so fractions of a second make them untrue. */
  windowMs: number;
  /** `fixed`: counted anew at the end of each window; `sliding`: no stretch of `windowMs` may hold more. */
  window: "fixed" | "sliding";
  /** For how long every call is answered 429 once somebody went over it. */
  blockMs: number;
  /** Whether a 429 carries `retry-after`. */
  retryAfter: boolean;
}

export interface LimitVerdict {
  allowed: boolean;
  /** Requests left in the window. */
  remaining: number;
  /** Until the window ends; sliding: until its oldest request leaves it; blocked: until the block ends. */
  resetMs: number;
}

/** The headers by which an answer tells what is left, as Cloudflare writes them: whole seconds, rounded up. */
export function renderRateHeaders(settings: LimitSettings, verdict: LimitVerdict): Record<string, string> {
  return {
    ratelimit: `"default";r=${verdict.remaining};t=${Math.ceil(verdict.resetMs / 1000)}`,
    "ratelimit-policy": `"default";q=${settings.requests};w=${Math.ceil(settings.windowMs / 1000)}`,
  };
}

/** Counts requests against one limit. All times are in milliseconds of one clock, and never go back. */
export interface RequestLimit {
  arrive(now: number): LimitVerdict;
  /** Somebody else who spends from the same limit, evenly; 0: nobody. */
  setStranger(perSecond: number, now: number): void;
  /** Requests of the stranger that were counted. */
  strangerRequests(): number;
  blockedForMs(now: number): number;
}

export function createRequestLimit(settings: LimitSettings, startedAt: number): RequestLimit {
  let window = openWindow(settings, startedAt);
  let blockedUntil = Number.NEGATIVE_INFINITY;
  let strangerIntervalMs = Number.POSITIVE_INFINITY;
  let strangerNext = Number.POSITIVE_INFINITY;
  let strangerCount = 0;

  function count(at: number): boolean {
    if (at < blockedUntil) return false;
    if (window.used(at) >= settings.requests) {
      blockedUntil = at + settings.blockMs;
      window = openWindow(settings, blockedUntil);
      return false;
    }
    window.add(at);
    return true;
  }

  function countStranger(now: number): void {
    for (; strangerNext <= now; strangerNext += strangerIntervalMs) {
      if (count(strangerNext)) strangerCount++;
    }
  }

  return {
    arrive(now) {
      countStranger(now);
      const allowed = count(now);
      if (now < blockedUntil) return { allowed, remaining: 0, resetMs: blockedUntil - now };
      return { allowed, remaining: settings.requests - window.used(now), resetMs: window.resetMs(now) };
    },
    setStranger(perSecond, now) {
      countStranger(now);
      strangerIntervalMs = perSecond > 0 ? 1000 / perSecond : Number.POSITIVE_INFINITY;
      strangerNext = now + strangerIntervalMs;
    },
    strangerRequests: () => strangerCount,
    blockedForMs(now) {
      countStranger(now);
      return Math.max(0, blockedUntil - now);
    },
  };
}

interface Window {
  add(at: number): void;
  used(now: number): number;
  resetMs(now: number): number;
}

function openWindow(settings: LimitSettings, startedAt: number): Window {
  return settings.window === "fixed"
    ? fixedWindow(settings.windowMs, startedAt)
    : slidingWindow(settings.windowMs, settings.requests);
}

function fixedWindow(windowMs: number, startedAt: number): Window {
  let start = startedAt;
  let used = 0;

  function roll(now: number): void {
    const windows = Math.floor((now - start) / windowMs);
    if (windows < 1) return;
    start += windows * windowMs;
    used = 0;
  }

  return {
    add(at) {
      roll(at);
      used++;
    },
    used(now) {
      roll(now);
      return used;
    },
    resetMs(now) {
      roll(now);
      return start + windowMs - now;
    },
  };
}

/** Keeps the arrivals of the last window in a ring of fixed size. */
function slidingWindow(windowMs: number, capacity: number): Window {
  const arrivals = new Float64Array(capacity);
  let oldest = 0;
  let used = 0;

  function expire(now: number): void {
    while (used > 0 && arrivals[oldest]! <= now - windowMs) {
      oldest = (oldest + 1) % capacity;
      used--;
    }
  }

  return {
    add(at) {
      expire(at);
      arrivals[(oldest + used) % capacity] = at;
      used++;
    },
    used(now) {
      expire(now);
      return used;
    },
    resetMs(now) {
      expire(now);
      return used === 0 ? windowMs : arrivals[oldest]! + windowMs - now;
    },
  };
}
