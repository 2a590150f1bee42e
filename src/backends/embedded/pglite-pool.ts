import { EventEmitter } from "node:events";
import type { PgNotification, PgPoolClient } from "bullmq";
import type { SharedPool } from "../sql/sql.ts";
import { firstWords } from "./statement.ts";
import { Mutex } from "./mutex.ts";
import type { Answer, Run, PgliteSession } from "./pglite-session.ts";

/**
 * PGlite in the shape of a `pg.Pool`.
 *
 * PGlite is one session, so its "clients" share it and take turns: a single statement is one turn, `BEGIN` to
 * `COMMIT`/`ROLLBACK` on one client is one turn, and no other client's statement gets in between.
 */
export class PglitePool implements SharedPool {
  readonly #mutex = new Mutex();
  readonly #session: PgliteSession;
  readonly #clients = new Set<PgliteClient>();
  #onTurn: () => void = () => {};

  constructor(session: PgliteSession) {
    this.#session = session;
  }

  /** Calls this after each turn. */
  onTurn(listener: () => void): void {
    this.#onTurn = listener;
  }

  /** Tells every client that listens to the channel. */
  notify(notification: PgNotification): void {
    for (const client of this.#clients) client.notify(notification);
  }

  /** One statement (without values: several) in a turn of its own. */
  async query(text: string, values?: readonly unknown[]): Promise<Answer> {
    const { run, done } = await this.takeTurn();
    try {
      return await run(text, values);
    } finally {
      done();
    }
  }

  async takeTurn(): Promise<{ run: Run; done: () => void }> {
    const end = await this.#mutex.take();
    const done = (): void => {
      end();
      this.#onTurn();
    };
    return { run: this.#session.run, done };
  }

  async connect(): Promise<PgPoolClient> {
    const client = new PgliteClient(this, () => this.#clients.delete(client));
    this.#clients.add(client);
    return client as unknown as PgPoolClient;
  }
}

class PgliteClient extends EventEmitter {
  readonly #pool: PglitePool;
  readonly #onRelease: () => void;
  readonly #channels = new Set<string>();
  #turn: { run: Run; done: () => void } | null = null;

  constructor(pool: PglitePool, onRelease: () => void) {
    super();
    this.#pool = pool;
    this.#onRelease = onRelease;
  }

  async query(text: string, values?: readonly unknown[]): Promise<Answer> {
    const [command, next] = firstWords(text);
    if (command === "LISTEN") this.#channels.add(next);
    if (command === "BEGIN") this.#turn ??= await this.#pool.takeTurn();
    if (this.#turn === null) return this.#pool.query(text, values);
    const { run, done } = this.#turn;
    if (command !== "COMMIT" && command !== "ROLLBACK") return run(text, values);
    try {
      return await run(text);
    } finally {
      this.#turn = null;
      done();
    }
  }

  notify(notification: PgNotification): void {
    if (this.#channels.has(notification.channel)) this.emit("notification", notification);
  }

  /** Ends what the client left open. The session goes on listening: other clients may, and unheard notifications cost nothing. */
  release(): void {
    this.#onRelease();
    this.#channels.clear();
    if (this.#turn !== null) void this.query("ROLLBACK").catch(() => {});
  }
}
