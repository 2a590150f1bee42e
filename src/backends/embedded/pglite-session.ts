import { existsSync } from "node:fs";
import { messages, parse, protocol, types, type PGlite } from "@electric-sql/pglite";
import { BackendError } from "../backend-error.ts";
import { toPostgresText } from "./parameters.ts";

export interface Answer {
  rows: Record<string, unknown>[];
  rowCount: number;
}

/** Runs statements. Without values the text may hold several; the last one's rows are answered. */
export type Run = (text: string, values?: readonly unknown[]) => Promise<Answer>;

const { serialize } = protocol;
/** BullMQ and the store use about 150 different texts; what comes beyond is parsed each time. */
const MAX_PREPARED = 400;
/** PostgreSQL's codes for a disk that is full or fails. */
const DISK_FAILURES = new Set(["53100", "58030"]);
/** How often it is looked whether the folder is still there. */
const LOOK_EVERY_MS = 1_000;

/**
 * Speaks to PGlite as `pg` speaks to a server: parameters as text, bigint as a string, and every statement parsed and
 * planned once. (`PGlite.query` plans each time and crosses into WebAssembly six times.) Callers take turns.
 */
export class PgliteSession {
  readonly #db: PGlite;
  readonly #folder: string;
  readonly #parsers: PGlite["parsers"];
  readonly #prepared = new Map<string, string>();
  #stopped: BackendError | null = null;
  /** When the folder was seen to be there. */
  #seenAt = performance.now();

  constructor(db: PGlite, folder: string) {
    this.#db = db;
    this.#folder = folder;
    this.#parsers = { ...db.parsers, [types.INT8]: (text) => text };
  }

  /** Not null once the disk failed: PGlite must not be touched any more, as it would spin for ever. What was answered is kept. */
  get stopped(): BackendError | null {
    return this.#stopped;
  }

  run: Run = async (text, values) => {
    if (values === undefined) return this.#send(serialize.query(text));
    const known = this.#prepared.get(text);
    const name = known ?? (this.#prepared.size < MAX_PREPARED ? `s${this.#prepared.size}` : "");
    const execution = [
      serialize.bind({ statement: name, values: values.map(toPostgresText) }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
      serialize.sync(),
    ];
    if (known !== undefined) return this.#send(Buffer.concat(execution));
    return this.#send(Buffer.concat([serialize.parse({ name, text }), ...execution]), () => {
      if (name !== "") this.#prepared.set(text, name);
    });
  };

  async #send(message: Uint8Array, onParsed?: () => void): Promise<Answer> {
    if (this.#stopped !== null) throw this.#stopped;
    this.#assertIsThere();
    const answers = await this.#db.execProtocolStream(message, { syncToFs: false, throwOnError: false });
    // A statement that fails only when it runs stays prepared.
    if (answers.some((m) => m.name === "parseComplete")) onParsed?.();
    const failure = answers.find((m) => m instanceof messages.DatabaseError);
    if (failure !== undefined) throw this.#explain(failure);
    const last = parse.parseResults(answers, this.#parsers).at(-1);
    return { rows: last?.rows ?? [], rowCount: last?.rowCount ?? 0 };
  }

  /** A folder that was removed or moved away goes on working for a while, in files that nobody can open any more. */
  #assertIsThere(): void {
    const now = performance.now();
    if (now - this.#seenAt < LOOK_EVERY_MS) return;
    this.#seenAt = now;
    if (existsSync(this.#folder)) return;
    this.#stopped = new BackendError(
      "data_gone",
      `The database in ${this.#folder} was removed while it was in use`,
      "Leave that folder where it is while a command runs; a plan of the same file shows what is still to do",
    );
    throw this.#stopped;
  }

  #explain(failure: messages.DatabaseError): Error {
    if (failure.severity === "ERROR" && !DISK_FAILURES.has(failure.code ?? "")) return failure;
    this.#stopped = new BackendError(
      "folder_unwritable",
      `The database in ${this.#folder} had to stop: ${failure.message}`,
      "Make room on that disk, then resume the run: what was recorded is kept",
      failure,
    );
    return this.#stopped;
  }
}
