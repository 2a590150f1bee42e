import type { Entry } from "../registry/entry.ts";
import type { Registry } from "../registry/open-registry.ts";

/** A registry that is always listed as a whole, and the entries that were seen in it. */
export interface ObservedRegistry {
  registry: Registry;
  entries: Map<string, ObservedEntry>;
}

/** What a reconciliation keeps in memory of each entry. */
export type ObservedEntry = ShownEntry & Pick<Entry, "modified_at">;

/** What of an entry tells a person which one it is. */
export type ShownEntry = Pick<Entry, "id" | "email" | "name">;

/** Nothing else of the entry. */
export function shownEntry({ id, email, name }: ShownEntry): ShownEntry {
  return { id, email, name };
}

/**
 * A reconciliation must know every entry, also those that its list does not mention, so single look-ups never take the
 * listing's place: no page is said to be left.
 */
export function observe(registry: Registry): ObservedRegistry {
  const entries: ObservedRegistry["entries"] = new Map();
  const see = ({ id, email, name, modified_at }: Entry): void => void entries.set(id, { id, email, name, modified_at });
  return {
    entries,
    registry: {
      ...registry,
      connect: (onRequest) => {
        const client = registry.connect(onRequest);
        return {
          ...client,
          async *list({ onProgress, ...options } = {}) {
            const listing = client.list({
              ...options,
              onProgress: (progress) => onProgress?.({ ...progress, pagesLeft: 0 }),
            });
            for await (const entry of listing) {
              see(entry);
              yield entry;
            }
          },
          get: async (id, options) => {
            const answer = await client.get(id, options);
            see(answer.entry); // one that the listing lacked
            return answer;
          },
        };
      },
    },
  };
}
