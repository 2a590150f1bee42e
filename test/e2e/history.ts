import type { Desk } from "./run-cli.ts";

/** What happened to a run and when (epoch milliseconds), by the history that `status` shows. */
export async function historyOf(desk: Desk, id: string): Promise<{ at: number; what: string }[]> {
  const { stdout } = await desk.run(["status", id]);
  const lines = [...stdout.matchAll(/^ {2}(\d{4}-\d\d-\d\dT[\d:.]+Z) {2}(\w+) by \S+@\S+/gm)];
  return lines.map(([, at, what]) => ({ at: Date.parse(at!), what: what! }));
}
