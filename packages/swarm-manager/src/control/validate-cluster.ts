import { DEFAULT_CLUSTER_NAME } from "@waggle/swarm-state";
import type { ClusterSpec } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";

/** @throws ControlError `invalid-argument` */
export function validateCluster(spec: ClusterSpec): void {
  if (spec.name !== DEFAULT_CLUSTER_NAME)
    throw invalid("modification of cluster name is not allowed");
  if (!Number.isSafeInteger(spec.taskHistoryLimit)) {
    throw invalid("the task history limit must be a whole number");
  }
  if (
    !Number.isSafeInteger(spec.raftSnapshotIntervalEntries) ||
    spec.raftSnapshotIntervalEntries < 1
  ) {
    throw invalid("the snapshot interval must be at least one entry");
  }
  if (!Number.isSafeInteger(spec.raftTrailingEntries) || spec.raftTrailingEntries < 0) {
    throw invalid("the number of log entries for slow followers cannot be negative");
  }
}

function invalid(message: string): ControlError {
  return new ControlError("invalid-argument", message);
}
