import { Socket } from "node:net";
import { Pool, type PoolConfig } from "pg";

/** How long a server may take to say goodbye. */
const GOODBYE_MS = 1_000;

/**
 * A pool whose end comes within about a second. That of `pg` waits until every client was given back and every statement
 * answered, which a server that is frozen or cut off never does; and a socket to such a one would keep the process alive.
 */
export class EndablePool extends Pool {
  readonly #sockets: Set<Socket>;
  #ended: Promise<void> | null = null;

  constructor(config: PoolConfig) {
    const sockets = new Set<Socket>();
    super({
      ...config,
      stream: () => {
        const socket = new Socket();
        sockets.add(socket);
        return socket.once("close", () => sockets.delete(socket));
      },
    });
    this.#sockets = sockets;
  }

  /** Ends each connection, politely where its server answers. A statement under way fails. Safe to call twice. */
  override async end(): Promise<void> {
    this.#ended ??= this.#endAll();
    await this.#ended;
  }

  async #endAll(): Promise<void> {
    void super.end();
    const late = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GOODBYE_MS);
    // Not events.once, which an error of the socket would reject.
    await Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    clearTimeout(late);
  }
}
