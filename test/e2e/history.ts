import type { EventView } from "../../src/runs/view.ts";
import type { Desk } from "./run-cli.ts";

/** What happened to a run and when (epoch milliseconds), by the history that `status` tells. */
export async function historyOf(desk: Desk, id: string): Promise<{ at: number; what: string }[]> {
  const { events } = (await desk.call(["status", id, "--json"])).json<{ events: EventView[] }>();
  return events.map(({ at, what }) => ({ at: Date.parse(at), what }));
}
