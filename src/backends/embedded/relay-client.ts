import { connect, type Socket } from "node:net";
import type { PgPoolClient } from "bullmq";
import { BackendError, type BackendErrorCode } from "../backend-error.ts";
import { latestVersion } from "../sql/migrations.ts";
import type { SharedPool } from "../sql/sql.ts";
import { linesOf } from "./lines.ts";
import { describeOwner, type Owner } from "./owner.ts";
import {
  RELAY_VERSION,
  type Greeting,
  type RelayedError,
  type RelayRequest,
  type RelayResponse,
} from "./relay-protocol.ts";
import type { Answer } from "./pglite-session.ts";

/**
 * The owner's PGlite in the shape of a `pg.Pool`, statement by statement. BullMQ's queues work over it; its workers and
 * transactions don't. Once the owner is gone every call throws BackendError `owner_gone`.
 */
export class RelayPool implements SharedPool {
  readonly owner: Owner;
  readonly #socket: Socket;
  readonly #dataDir: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #lastId = 0;

  constructor(socket: Socket, lines: AsyncIterable<string>, owner: Owner, dataDir: string) {
    this.owner = owner;
    this.#socket = socket;
    this.#dataDir = dataDir;
    void this.#receive(lines);
  }

  async query(text: string, values?: readonly unknown[]): Promise<Answer> {
    if (!this.#socket.writable) throw this.#gone();
    const answer = Promise.withResolvers<Answer>();
    const request: RelayRequest = { id: ++this.#lastId, text, ...(values && { values }) };
    this.#waiting.set(request.id, answer);
    this.#socket.write(`${JSON.stringify(request)}\n`);
    return answer.promise;
  }

  /** A client is the pool itself: there is no session to hold. */
  async connect(): Promise<PgPoolClient> {
    const client = {
      query: async (text: string, values?: readonly unknown[]) => this.query(text, values),
      release: () => {},
    };
    return client as unknown as PgPoolClient;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #receive(lines: AsyncIterable<string>): Promise<void> {
    try {
      for await (const line of lines) this.#settle(JSON.parse(line) as RelayResponse);
    } catch {
      // A connection that breaks is one that ended.
    } finally {
      this.#socket.destroy();
      for (const { reject } of this.#waiting.values()) reject(this.#gone());
      this.#waiting.clear();
    }
  }

  #settle(response: RelayResponse): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ("error" in response) waiting?.reject(revive(response.error));
    else waiting?.resolve(response);
  }

  #gone(): BackendError {
    return new BackendError(
      "owner_gone",
      `${describeOwner(this.owner)}, which held ${this.#dataDir}, has ended`,
      "Run the command again: it will open the folder itself",
    );
  }
}

function revive(error: RelayedError): Error {
  if (error.remedy === undefined) return Object.assign(new Error(error.message), error);
  return new BackendError(error.code as BackendErrorCode, error.message, error.remedy);
}

/** A greeting takes this long only where the owner is busy, or stopped. */
const GREETING_TIMEOUT_MS = 5_000;

/** Asks the process that holds the folder to let us in. Null while it does not answer; BackendError when it is another version. */
export async function joinOwner(path: string, dataDir: string): Promise<RelayPool | null> {
  const socket = connect(path);
  socket.setTimeout(GREETING_TIMEOUT_MS, () => socket.destroy());
  const lines = linesOf(socket);
  const greeting = await lines.next().catch(() => null);
  if (greeting === null || greeting.done) return null;
  socket.setTimeout(0);
  const { relay, schema, owner } = JSON.parse(greeting.value) as Greeting;
  if (relay === RELAY_VERSION && schema === latestVersion) return new RelayPool(socket, lines, owner, dataDir);
  socket.destroy();
  throw new BackendError(
    "folder_in_use",
    `${describeOwner(owner)} holds ${dataDir} and is another version of bulkpatch`,
    "Wait until it is done, or stop it",
  );
}
