/** One request as it reached the stand-in. */
export interface RecordedRequest {
  /** Epoch milliseconds with fractions: when it was counted. */
  at: number;
  method: string;
  /** With the query. */
  path: string;
  /** As it was sent; empty for a GET. */
  body: string;
  /** 0 until it is answered, and where the connection was cut instead. */
  status: number;
}

/** The most requests that arrived in any stretch of `windowMs`, its start included and its end not. */
export function mostInWindow(requests: readonly Pick<RecordedRequest, "at">[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [last, request] of requests.entries()) {
    while (requests[first]!.at <= request.at - windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
