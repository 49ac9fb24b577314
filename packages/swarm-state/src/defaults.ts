import type { ClusterSpec } from "./objects/cluster.ts";
import type { UpdateConfig } from "./objects/service.ts";
import type { ResourceAmounts, RestartPolicy } from "./objects/task-spec.ts";

/** Time between a stop signal and SIGKILL: what Docker gives a container, 10 s. */
export const DEFAULT_STOP_GRACE_PERIOD_MS = 10_000;

/** What asks a process to end unless its image or service says otherwise. */
export const DEFAULT_STOP_SIGNAL = "SIGTERM";

/** No limit, nothing reserved. */
export const NO_RESOURCES: ResourceAmounts = Object.freeze({ nanoCpus: 0, memoryBytes: 0 });

/**
 * A service is to run, so a task is replaced however it ended; 5 s of delay keep one that fails at once from burning
 * its node; attempts are not counted.
 */
export const DEFAULT_RESTART_POLICY: RestartPolicy = Object.freeze({
  condition: "any",
  delayMs: 5_000,
  maxAttempts: 0,
  windowMs: 0,
});

/**
 * How a service is updated when it does not say, and rolled back: one slot at a time, the old task first, watched for
 * 5 s; at the first failure it pauses, so that one bad image does not take the whole service down.
 */
export const DEFAULT_UPDATE_CONFIG: UpdateConfig = Object.freeze({
  parallelism: 1,
  delayMs: 0,
  failureAction: "pause",
  monitorMs: 5_000,
  maxFailureRatio: 0,
  order: "stop-first",
});

/** Name of the one cluster object. */
export const DEFAULT_CLUSTER_NAME = "default";

/** Tasks that a slot keeps, the live one included: enough to see why it failed, few enough to stay small. */
export const DEFAULT_TASK_HISTORY_LIMIT = 5;

/** Entries between two snapshots: some seconds of replay at a restart. */
export const DEFAULT_RAFT_SNAPSHOT_INTERVAL_ENTRIES = 10_000;

/** Entries kept behind a snapshot, so that a follower that was away for a moment needs no snapshot. */
export const DEFAULT_RAFT_TRAILING_ENTRIES = 500;

/** The settings of a new swarm. */
export function defaultClusterSpec(): ClusterSpec {
  return {
    name: DEFAULT_CLUSTER_NAME,
    labels: {},
    taskHistoryLimit: DEFAULT_TASK_HISTORY_LIMIT,
    raftSnapshotIntervalEntries: DEFAULT_RAFT_SNAPSHOT_INTERVAL_ENTRIES,
    raftTrailingEntries: DEFAULT_RAFT_TRAILING_ENTRIES,
  };
}
