import { once } from "node:events";
import { chmod, lstat, mkdir, rm, rmdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { BackendError } from "../backend-error.ts";
import { latestVersion } from "../sql/migrations.ts";
import type { Owner } from "./owner.ts";
import type { PglitePool } from "./pglite-pool.ts";
import {
  RELAY_VERSION,
  type Greeting,
  type RelayedError,
  type RelayRequest,
  type RelayResponse,
} from "./relay-protocol.ts";
import { linesOf } from "./lines.ts";
import { firstWords } from "./statement.ts";

/** Statements that leave nothing open in the session. */
const ALLOWED = new Set(["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]);

/** Runs the statements of other processes, each in its turn among the owner's own. Only this user can reach the socket. */
export async function serveRelay(path: string, pool: PglitePool, owner: Owner): Promise<{ close(): Promise<void> }> {
  const guests = new Set<Socket>();
  const greeting: Greeting = { relay: RELAY_VERSION, schema: latestVersion, owner };
  const server = createServer((guest) => {
    guests.add(guest);
    guest.on("close", () => guests.delete(guest));
    // A guest that goes away in the middle is no trouble of ours.
    guest.on("error", () => guest.destroy());
    void serve(guest, greeting, pool).catch(() => guest.destroy());
  });
  await listen(server, path);
  return {
    close: async () => {
      server.close();
      for (const guest of guests) guest.destroy();
      await once(server, "close");
      // The folder is ours to remove only where it was made for the socket, and then it is empty now.
      await rmdir(dirname(path)).catch(() => {});
    },
  };
}

async function serve(guest: Socket, greeting: Greeting, pool: PglitePool): Promise<void> {
  const send = (message: Greeting | RelayResponse): void => {
    if (guest.writable) guest.write(`${JSON.stringify(message)}\n`);
  };
  send(greeting);
  for await (const line of linesOf(guest)) void answer(JSON.parse(line) as RelayRequest, pool).then(send);
}

async function answer({ id, text, values }: RelayRequest, pool: PglitePool): Promise<RelayResponse> {
  try {
    const [command] = firstWords(text);
    if (!ALLOWED.has(command)) throw new Error(`${command} can only be run by the process that holds the folder`);
    return { id, ...(await pool.query(text, values)) };
  } catch (error) {
    const { message, code, detail, remedy } = error as RelayedError;
    return { id, error: { message, code, detail, remedy } };
  }
}

async function listen(server: Server, path: string): Promise<void> {
  if (process.platform !== "win32") {
    await makePrivate(dirname(path));
    // We hold the folder's lock, so what is there was left by a process that is gone.
    await rm(path, { force: true });
  }
  server.listen(path);
  await once(server, "listening");
  if (process.platform !== "win32") await chmod(path, 0o600);
}

/** The folder for the socket, made where there is none. One of somebody else's is refused. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid } = await lstat(folder);
  if (uid !== process.getuid?.()) {
    throw new BackendError(
      "folder_unwritable",
      `The folder ${folder}, through which commands reach the one that holds the database, belongs to another user`,
      "Remove it, or name another folder for such files with TMPDIR",
    );
  }
}
