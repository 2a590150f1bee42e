/** The headers of an answer, names in lower case. */
export type AnswerHeaders = Record<string, string | string[] | undefined>;

/** What an answer says about one of the server's limits. */
export interface RateReading {
  /** The limit's name, e.g. `default`. */
  name: string;
  /** Requests left. */
  remaining: number;
  /** Until the window resets, in whole seconds, rounded up; null where it is not said. */
  resetSeconds: number | null;
  /** Requests in a window; null where the policy is not said. */
  quota: number | null;
  windowSeconds: number | null;
}

/**
 * Reads `Ratelimit: "default";r=50;t=30` and `Ratelimit-Policy: "default";q=1200;w=300`. Several items may be listed. An
 * item that can't be read is left out, and so is a parameter that is not known; a policy counts for the item of its name.
 */
export function parseRateHeaders(headers: AnswerHeaders): RateReading[] {
  const limits = headers["ratelimit"];
  if (limits === undefined) return [];
  const policies = new Map(parseItems(headers["ratelimit-policy"]).map((item) => [item.name, item.params]));
  return parseItems(limits).flatMap(({ name, params }) => {
    const remaining = params.get("r");
    if (remaining === undefined) return [];
    const policy = policies.get(name);
    return {
      name,
      remaining,
      resetSeconds: params.get("t") ?? null,
      quota: policy?.get("q") || null,
      windowSeconds: policy?.get("w") || null,
    };
  });
}

interface Item {
  name: string;
  /** The parameters that are whole numbers. */
  params: Map<string, number>;
}

/** One item of the list: a name, quoted or not, and its parameters. Quoted values may hold commas and semicolons. */
const ITEM =
  /\s*(?:"([^"]*)"|([A-Za-z*][\w*.:/%-]*))((?:\s*;\s*[a-z*][\w*.-]*(?:=(?:"[^"]*"|[^\s",;]*))?)*)\s*(?:,|$)/y;
const PARAM = /;\s*([a-z*][\w*.-]*)=(?:"[^"]*"|([^\s",;]*))/g;

function parseItems(header: string | string[] | undefined): Item[] {
  if (header === undefined) return [];
  const text = Array.isArray(header) ? header.join(",") : header;
  const items: Item[] = [];
  for (let position = 0; position < text.length;) {
    ITEM.lastIndex = position;
    const match = ITEM.exec(text);
    if (match === null) {
      const comma = text.indexOf(",", position);
      if (comma === -1) break;
      position = comma + 1;
      continue;
    }
    position = ITEM.lastIndex;
    items.push({ name: match[1] ?? match[2] ?? "", params: parseParams(match[3] ?? "") });
  }
  return items;
}

function parseParams(text: string): Map<string, number> {
  const params = new Map<string, number>();
  for (const [, key = "", value = ""] of text.matchAll(PARAM)) {
    if (/^\d{1,15}$/.test(value)) params.set(key, Number(value));
  }
  return params;
}
