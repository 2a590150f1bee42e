import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Presence, WorkerInfo } from "./presence.ts";
import type { RunHome } from "./run-home.ts";
import type { Run } from "./run.ts";

/*
 * Who is there to work. A worker process says so with a heartbeat, a command that stays with one run with a lease on that run;
 * both run out by themselves when the process dies.
 */

const SECOND = 1_000;
const HOLDS = 15 * SECOND;
/** How often a process says that it is there. */
export const SAY_SO_EVERY_MS = 5 * SECOND;

/**
 * Where a process id means something: the machine's name and, on Linux, the process table, because a container may bear its
 * machine's name and counts its processes by itself.
 */
export function processHost(): string {
  try {
    return `${hostname()}/${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return hostname();
  }
}

/** What tells who is there. */
type Attended = Pick<RunHome, "presence" | "leases">;

/** Says that this process is there: for every run, or for `only` this one. Holds for 15 seconds. */
export async function sayPresent({ presence, leases }: Attended, info: WorkerInfo, only?: string): Promise<void> {
  if (only === undefined) await presence.heartbeat(info, HOLDS);
  else await leases.take(leaseName(only), ownerName(info), HOLDS);
}

/** Says that it leaves. */
export async function sayLeft({ presence, leases }: Attended, info: WorkerInfo, only?: string): Promise<void> {
  if (only === undefined) await presence.retire(info.id);
  else await leases.release(leaseName(only), ownerName(info));
}

/** Worker processes of this account that are alive; one of this machine that was killed a moment ago is not. */
export async function presentWorkers(presence: Presence, accountId: string): Promise<WorkerInfo[]> {
  return (await presence.list()).filter((worker) => worker.accountId === accountId && !isDeadHere(worker));
}

/** A process that works on a run. */
export type RunWorker = Pick<WorkerInfo, "host" | "pid">;

/** The processes that are alive and work on this run: workers of its account, and a command that stays with it. */
export async function whoWorksOn(
  { presence, leases }: Attended,
  { id, accountId }: Pick<Run, "id" | "accountId">,
): Promise<RunWorker[]> {
  const [workers, owner] = await Promise.all([presentWorkers(presence, accountId), leases.owner(leaseName(id))]);
  const attending = owner === null || isDeadOwner(owner) ? null : processOf(owner);
  return [...workers, ...(attending === null ? [] : [attending])].map(({ host, pid }) => ({ host, pid }));
}

/** Whether some process is alive that works on this run. */
export async function somebodyWorksOn(home: Attended, run: Pick<Run, "id" | "accountId">): Promise<boolean> {
  return (await whoWorksOn(home, run)).length > 0;
}

/** The owner of a lease, as text from which others can tell whether it is alive. */
export function ownerName({ id, host, pid }: Pick<WorkerInfo, "id" | "host" | "pid">): string {
  return `process ${pid} on ${host} ${id}`;
}

/** True for an owner on this machine whose process has ended: its lease need not be waited for. */
export function isDeadOwner(owner: string): boolean {
  const its = processOf(owner);
  return its !== null && isDeadHere(its);
}

/** Reads what `ownerName` wrote; null for another text. */
function processOf(owner: string): RunWorker | null {
  const match = /process (\d+) on (\S+) \S+$/.exec(owner);
  return match === null ? null : { pid: Number(match[1]), host: match[2]! };
}

/** Of the processes of another machine, or of a container, nobody here can tell. */
function isDeadHere({ host, pid }: Pick<WorkerInfo, "host" | "pid">): boolean {
  if (host !== processHost()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EPERM";
  }
}

function leaseName(runId: string): string {
  return `attended:${runId}`;
}
