import { randomUUID } from "node:crypto";
import type { Fence, Leases } from "./leases.ts";
import { isDeadOwner, ownerName, processHost } from "./attendance.ts";
import { RunError } from "./run-error.ts";

/*
 * While rows of a run are recorded, queued or cancelled, who does it holds the producer's lease. The lease running out is how
 * others know that the producer is gone and somebody else can do the rest.
 */

const SECOND = 1_000;
const LEASE = 10 * SECOND;
const RENEW_EVERY = 2 * SECOND;

/** The right to record, queue or cancel the rows of one run, while it is renewed. */
export interface ProducerLease {
  /** For every write that is the producer's alone. */
  fence: Fence;
  /** Aborted when the lease was lost, or when the caller's own signal was. */
  signal: AbortSignal;
  /** Another process has it now: nothing of the run may be changed any more. */
  isLost(): boolean;
  release(): Promise<void>;
}

/** Takes the lease of a run's producer; throws when another producer that is alive holds it. */
export async function holdProducerLease(
  leases: Leases,
  runId: string,
  by: string,
  signal?: AbortSignal,
): Promise<ProducerLease> {
  const lease = await tryProducerLease(leases, runId, by, signal);
  if (lease) return lease;
  const holder = (await leases.owner(leaseName(runId))) ?? "another process";
  throw new RunError("run_busy", `run ${runId} is being queued by ${withoutNonce(holder)}`, { run: runId });
}

/** The same, but null when another producer holds it. */
export async function tryProducerLease(
  leases: Leases,
  runId: string,
  by: string,
  signal?: AbortSignal,
): Promise<ProducerLease | null> {
  const name = leaseName(runId);
  const owner = `${by}, ${ownerName({ pid: process.pid, host: processHost(), id: randomUUID() })}`;
  await releaseIfDead(leases, name);
  const token = await leases.take(name, owner, LEASE);
  if (token === null) return null;
  const lost = new AbortController();
  const timer = setInterval(() => {
    leases.take(name, owner, LEASE).then(
      (held) => held === token || lost.abort(new Error(`lost the lease of run ${runId} to another process`)),
      () => undefined, // the next renewal tries again; the lease itself decides
    );
  }, RENEW_EVERY);
  return {
    fence: { lease: name, token },
    signal: signal ? AbortSignal.any([signal, lost.signal]) : lost.signal,
    isLost: () => lost.signal.aborted,
    release: async () => {
      clearInterval(timer);
      await leases.release(name, owner);
    },
  };
}

/** Whether somebody alive is recording or queueing this run. */
export async function hasProducer(leases: Leases, runId: string): Promise<boolean> {
  await releaseIfDead(leases, leaseName(runId));
  return (await leases.owner(leaseName(runId))) !== null;
}

async function releaseIfDead(leases: Leases, name: string): Promise<void> {
  const holder = await leases.owner(name);
  if (holder !== null && isDeadOwner(holder)) await leases.release(name, holder);
}

function leaseName(runId: string): string {
  return `producer:${runId}`;
}

function withoutNonce(owner: string): string {
  return owner.replace(/ [0-9a-f-]{36}$/, "");
}
