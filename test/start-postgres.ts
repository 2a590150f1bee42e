import { execFile, execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { startServer, type StartedServer } from "./started-server.ts";

const run = promisify(execFile);

/** Debian's folder of PostgreSQL's programs, the newest where there are several; null where there is none. */
export function postgresPrograms(): string | null {
  return globSync("/usr/lib/postgresql/*/bin").toSorted(byVersion).at(-1) ?? null;
}

/**
 * A PostgreSQL of one's own, on a free port, in a folder that goes when it is stopped. User `bulk`, password `bulk`.
 * A test that only needs a PostgreSQL takes a database from datastores.ts instead.
 */
export async function startPostgres(): Promise<StartedServer> {
  const programs = postgresPrograms();
  if (programs === null) throw new Error("There is no PostgreSQL in /usr/lib/postgresql");
  const folder = await mkdtemp(join(tmpdir(), "bulkpatch-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  const user = notRoot();
  if (user !== null) await chown(folder, user.uid, user.gid);
  const asUser = { ...user, cwd: folder };
  const password = join(folder, "password");
  await run("sh", ["-c", `printf bulk > ${password}`], asUser);
  await run(
    join(programs, "initdb"),
    ["-D", data, "-U", "bulk", "--auth", "scram-sha-256", "--pwfile", password, "--no-sync", "-E", "UTF8"],
    asUser,
  );
  const args = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-F"];
  return await startServer({
    command: join(programs, "postgres"),
    args,
    options: asUser,
    ready: "ready to accept connections",
    says: "stderr",
    end: "SIGQUIT",
    url: `postgres://bulk:bulk@127.0.0.1:${port}/postgres`,
    folder,
  });
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function notRoot(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  return { uid: idOfPostgres("-u"), gid: idOfPostgres("-g") };
}

function idOfPostgres(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}

function byVersion(a: string, b: string): number {
  return Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]);
}
