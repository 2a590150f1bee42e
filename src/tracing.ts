/*
 * Where a trace is asked for, spans go to whoever said `traceWith`; everywhere else a piece of work is just done. What is told
 * of it leaves this machine: never an e-mail address, a name, a text of the API, a path, a token.
 */

/** Numbers, ids and words of ours, by OpenTelemetry's names where it has one. */
export type SpanFacts = Record<string, string | number>;

/**
 * Does a piece of work as a span inside the one that is under way. `tell` adds facts to it, until it ends. With `thing`, it begins
 * a trace: whatever is done about the same thing is in the same trace, in any process and at any time, or in none.
 */
export type Tracer = <T>(
  name: string,
  facts: SpanFacts,
  work: (tell: (facts: SpanFacts) => void) => Promise<T>,
  thing?: string,
) => Promise<T>;

const untold = (): void => {};

let tracer: Tracer | null = null;

/** From now on spans of this process go there; null: nowhere, as at first. */
export function traceWith(chosen: Tracer | null): void {
  tracer = chosen;
}

/** Does the work, as a span where spans are wanted. */
export const traced: Tracer = (name, facts, work, thing) =>
  tracer === null ? work(untold) : tracer(name, facts, work, thing);
