import type { DemoEntry } from "./demo-entry.ts";
import type { Script } from "./faults.ts";
import type { RecordedRequest } from "./request-record.ts";
import type { DemoApiSettings } from "./settings.ts";

export interface DemoApiOptions extends Partial<DemoApiSettings> {
  /** What the registry holds, see `sampleRegistry`. Default: nothing. */
  entries?: Iterable<DemoEntry>;
  /** For latency and faults, default 1. */
  seed?: number;
  /** Default: a free one. */
  port?: number;
  /** Serves `/__demo/…` (control.ts) too, for tests that run the stand-in as its own process. Default false. */
  control?: boolean;
}

/** A stand-in for the Cloudflare API on loopback: the impersonation registry of one account. */
export interface DemoApi {
  /** For the client, without a slash at the end: `http://127.0.0.1:…/client/v4`. */
  baseUrl: string;
  accountId: string;
  token: string;
  /** The registry itself. What is put in or taken out is there for the next call. */
  registry: Map<string, DemoEntry>;
  /** Copies of the entries, as they are now. */
  entries(): DemoEntry[];
  /** All calls so far, in order of arrival, those of the stranger left out. */
  requests(): readonly RecordedRequest[];
  /** The most calls that arrived in any stretch of this length. */
  mostInWindow(windowMs: number): number;
  /** Calls that the stranger spent from the limit. */
  strangerRequests(): number;
  settings(): Readonly<DemoApiSettings>;
  /** Changes settings from the next call on. A new `limit` starts with an unused window. */
  set(settings: Partial<DemoApiSettings>): void;
  /** Plans the answer of the next calls that fit; scripts are used in the order they were added. */
  script(script: Script): void;
  /** Forgets the scripts that were not used up. */
  clearScripts(): void;
  /** Cuts every connection and ends. */
  close(): Promise<void>;
}
