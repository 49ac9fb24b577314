import type { Cluster, ClusterSpec } from "@waggle/swarm-state";
import { z } from "zod";
import { EngineApiError } from "../errors.ts";
import { stringMap, wholeNumber } from "./request-shape.ts";
import { toMeta, toNanoseconds } from "./values.ts";

const DEFAULT_TASK_HISTORY_LIMIT = 5;
const HEARTBEAT_PERIOD_MS = 5_000;
const NODE_CERTIFICATE_EXPIRY_MS = 90 * 24 * 3_600_000;
const DATA_PATH_PORT = 4_789;
const SUBNET_SIZE = 24;

export const swarmSpecSchema = z.looseObject({
  Name: z.string().default("default"),
  Labels: stringMap.default({}),
  Orchestration: z
    .looseObject({ TaskHistoryRetentionLimit: z.number().int().optional() })
    .default({}),
  Raft: z
    .looseObject({
      SnapshotInterval: wholeNumber.optional(),
      LogEntriesForSlowFollowers: wholeNumber.optional(),
    })
    .default({}),
});

/** @throws EngineApiError 400 */
export function fromSwarmSpec(
  request: z.output<typeof swarmSpecSchema>,
  before: ClusterSpec,
): ClusterSpec {
  if (request.Name !== "" && request.Name !== "default") {
    throw new EngineApiError(400, 'swarm spec must be named "default"');
  }
  return {
    name: "default",
    labels: request.Labels,
    taskHistoryLimit: request.Orchestration.TaskHistoryRetentionLimit ?? DEFAULT_TASK_HISTORY_LIMIT,
    raftSnapshotIntervalEntries:
      request.Raft.SnapshotInterval ?? before.raftSnapshotIntervalEntries,
    raftTrailingEntries: request.Raft.LogEntriesForSlowFollowers ?? before.raftTrailingEntries,
  };
}

/** Docker's ClusterInfo. Times and certificates that this swarm does not have show Docker's defaults, or nothing. */
export function toClusterInfo(cluster: Cluster): object {
  const { spec } = cluster;
  return {
    ...toMeta(cluster),
    Spec: {
      Name: spec.name,
      Labels: spec.labels,
      Orchestration: { TaskHistoryRetentionLimit: spec.taskHistoryLimit },
      Raft: {
        SnapshotInterval: spec.raftSnapshotIntervalEntries,
        KeepOldSnapshots: 0,
        LogEntriesForSlowFollowers: spec.raftTrailingEntries,
        ElectionTick: 10,
        HeartbeatTick: 1,
      },
      Dispatcher: { HeartbeatPeriod: toNanoseconds(HEARTBEAT_PERIOD_MS) },
      CAConfig: { NodeCertExpiry: toNanoseconds(NODE_CERTIFICATE_EXPIRY_MS) },
      TaskDefaults: {},
      EncryptionConfig: { AutoLockManagers: false },
    },
    TLSInfo: {},
    RootRotationInProgress: false,
    DefaultAddrPool: ["10.0.0.0/8"],
    SubnetSize: SUBNET_SIZE,
    DataPathPort: DATA_PATH_PORT,
  };
}
