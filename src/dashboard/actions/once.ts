import { createHash } from "node:crypto";
import { findRun } from "../../runs/control.ts";
import type { Run } from "../../runs/run.ts";
import { freeRunId } from "../../runs/start-run.ts";
import type { Desk } from "../desk.ts";

const MINUTE = 60_000;
/** How long a second request with the same key is taken for the first, come again. */
const KEY_HOLDS = 60 * MINUTE;
/** The same without a key: two clicks, or a reload that sends the form again. */
const SAME_HOLDS = MINUTE;

export interface Once {
  /** What is asked, e.g. `retry <run> failed`: the same text is the same request. */
  what: string;
  /** Of the header `Idempotency-Key`; without one only a minute is covered. */
  key: string | undefined;
}

/**
 * Starts a new run once for one request, however often it arrives and whichever process gets it: later ones get the same run.
 * `start` is handed the new run's id.
 */
export async function startOnce(desk: Desk, { what, key }: Once, start: (id: string) => Promise<Run>): Promise<Run> {
  const { leases } = desk.backend;
  const name = `asked:${createHash("sha256")
    .update(JSON.stringify([what, key ?? null]))
    .digest("hex")}`;
  const id = await freeRunId(desk.backend, desk.now());
  const earlier = await leases.owner(name);
  if (earlier !== null) return await findRun(desk.backend, earlier);
  if (!(await leases.take(name, id, key === undefined ? SAME_HOLDS : KEY_HOLDS)))
    return await findRun(desk.backend, (await leases.owner(name)) ?? id);
  try {
    return await start(id);
  } catch (error) {
    await leases.release(name, id);
    throw error;
  }
}
