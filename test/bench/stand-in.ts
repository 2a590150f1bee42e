import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { DemoEntry } from "../../src/demo/demo-entry.ts";
import type { RecordedRequest } from "../../src/demo/request-record.ts";
import type { DemoApiSettings } from "../../src/demo/settings.ts";

/** The stand-in for the API as a process of its own, so that what it takes is nobody's. */
export interface StandIn {
  baseUrl: string;
  accountId: string;
  token: string;
  entries(): Promise<DemoEntry[]>;
  requests(): Promise<RecordedRequest[]>;
  mostInWindow(windowMs: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startStandIn({
  entries,
  settings = {},
}: {
  /** How many; none is synced from a directory. */
  entries: number;
  settings?: Partial<DemoApiSettings>;
}): Promise<StandIn> {
  const child = fork(
    join(import.meta.dirname, "../../src/demo/api-process.ts"),
    ["--entries", String(entries), "--synced-share", "0", "--settings", JSON.stringify(settings)],
    { stdio: ["ignore", "pipe", "inherit", "ipc"], execArgv: [] },
  );
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const { control, ...address } = JSON.parse(line) as Pick<StandIn, "baseUrl" | "accountId" | "token"> & {
    control: string;
  };
  const ask = async <T>(call: string): Promise<T> => (await (await fetch(`${control}/${call}`)).json()) as T;
  return {
    ...address,
    entries: () => ask("entries"),
    requests: () => ask("requests"),
    mostInWindow: (windowMs) => ask(`most?windowMs=${windowMs}`),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}
