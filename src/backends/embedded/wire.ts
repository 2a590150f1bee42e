import { messages, parse, protocol, types, type PGlite } from "@electric-sql/pglite";
import { toPostgresText } from "./parameters.ts";

export interface Answer {
  rows: Record<string, unknown>[];
  rowCount: number;
}

/** Runs statements. Without values the text may hold several; the last one's rows are answered. */
export type Run = (text: string, values?: readonly unknown[]) => Promise<Answer>;

/**
 * Speaks to PGlite as `pg` speaks to a server: parameters as text, bigint as a string, and every statement parsed and
 * planned once. (`PGlite.query` plans each time and crosses into WebAssembly six times.) Callers take turns.
 */
export function speakTo(db: PGlite): Run {
  const prepared = new Map<string, string>();
  const parsers = { ...db.parsers, [types.INT8]: (text: string) => text };

  const send = async (message: Uint8Array, onParsed?: () => void): Promise<Answer> => {
    const answers = await db.execProtocolStream(message, { syncToFs: false, throwOnError: false });
    // A statement that fails only when it runs stays prepared.
    if (answers.some((m) => m.name === "parseComplete")) onParsed?.();
    const failure = answers.find((m) => m instanceof messages.DatabaseError);
    if (failure !== undefined) throw failure;
    const last = parse.parseResults(answers, parsers).at(-1);
    return { rows: last?.rows ?? [], rowCount: last?.rowCount ?? 0 };
  };

  return async (text, values) => {
    const { serialize } = protocol;
    if (values === undefined) return send(serialize.query(text));
    const known = prepared.get(text);
    const name = known ?? (prepared.size < MAX_PREPARED ? `s${prepared.size}` : "");
    const execution = [
      serialize.bind({ statement: name, values: values.map(toPostgresText) }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
      serialize.sync(),
    ];
    if (known !== undefined) return send(Buffer.concat(execution));
    return send(Buffer.concat([serialize.parse({ name, text }), ...execution]), () => {
      if (name !== "") prepared.set(text, name);
    });
  };
}

/** BullMQ and the store use about 150 different texts; what comes beyond is parsed each time. */
const MAX_PREPARED = 400;
