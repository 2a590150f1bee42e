/** A datastore that a test started, and may stop and start again at the same address with the same data. */
export interface StartedServer {
  url: string;
  /** Again, after `kill`. Resolves when it takes connections. */
  start(): Promise<void>;
  /** Resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** For SIGSTOP and SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** For good; its folder goes too. */
  stop(): Promise<void>;
}
