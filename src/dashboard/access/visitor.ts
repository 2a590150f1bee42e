/** What a route asks of who calls it: nothing, to be let in, or to be let act. */
export const RIGHTS = ["public", "viewer", "operator"] as const;
export type Right = (typeof RIGHTS)[number];

/** Whose token it is. */
export type Role = Exclude<Right, "public">;

/** Somebody who was let in. */
export interface Visitor {
  role: Role;
  /** As the history of a run shows it: `operator@192.0.2.7`. */
  by: string;
  /** Of the session; null for a request that brings its token itself. */
  session: string | null;
}

/** Whether this visitor may use a route that asks for `right`. */
export function isAllowed(visitor: Visitor | null, right: Right): boolean {
  return right === "public" || visitor?.role === "operator" || visitor?.role === right;
}
