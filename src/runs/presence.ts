/** Which worker processes are alive. */
export interface Presence {
  /** A worker process says that it is alive for another `ttlMs`. */
  heartbeat(worker: WorkerInfo, ttlMs: number): Promise<void>;
  retire(workerId: string): Promise<void>;
  /** Worker processes that are alive, the oldest first. */
  list(): Promise<WorkerInfo[]>;
}

/** A worker process that said that it is alive. */
export interface WorkerInfo {
  id: string;
  /** It works on runs of this account alone. */
  accountId: string;
  host: string;
  pid: number;
  /** Epoch milliseconds. */
  startedAt: number;
}
