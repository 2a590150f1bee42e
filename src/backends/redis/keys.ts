import type { RunState } from "../../runs/run.ts";
import { KEY_PREFIX } from "../queue-settings.ts";

/** The names of our keys; what is in them: scripts.ts. BullMQ's begin with `bulkpatch:run-`, so none is both. */
export const keys = {
  runs: `${KEY_PREFIX}:runs`,
  inState: (state: RunState) => `${KEY_PREFIX}:in:${state}`,
  run: (id: string) => `${KEY_PREFIX}:run:${id}`,
  rows: (id: string) => `${KEY_PREFIX}:rows:${id}`,
  mark: (id: string, mark: string) => `${KEY_PREFIX}:mark:${id}:${mark}`,
  causes: (id: string) => `${KEY_PREFIX}:causes:${id}`,
  traffic: (scope: string, hour: number) => `${KEY_PREFIX}:traffic:${scope}:${hour}`,
  streak: (id: string) => `${KEY_PREFIX}:streak:${id}`,
  lease: (name: string) => `${KEY_PREFIX}:lease:${name}`,
  changes: `${KEY_PREFIX}:count:changes`,
  fences: `${KEY_PREFIX}:count:fences`,
  workers: [`${KEY_PREFIX}:worker:ids`, `${KEY_PREFIX}:worker:infos`],
  schedules: `${KEY_PREFIX}:schedules`,
  /** Account → schedule LF due time of its running occasion. */
  reconciling: `${KEY_PREFIX}:reconciling`,
  schedule: (name: string) => `${KEY_PREFIX}:schedule:${name}`,
  due: (name: string) => `${KEY_PREFIX}:due:${name}`,
  occasions: (name: string) => `${KEY_PREFIX}:occasions:${name}`,
  knownEntries: (name: string) => `${KEY_PREFIX}:known:${name}`,
  budget: (key: string) => `${KEY_PREFIX}:budget:2:${key}`,
} as const;
