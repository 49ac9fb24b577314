import type { Cluster, ClusterSpec } from "@waggle/swarm-state";
import { z } from "zod";
import { EngineApiError, unimplemented } from "../errors.ts";
import { duration, refuseUnsupported, stringMap, wholeNumber } from "./request-shape.ts";
import { nonZero, toMeta, toNanoseconds } from "./values.ts";

const DEFAULT_TASK_HISTORY_LIMIT = 5;
const HEARTBEAT_PERIOD_MS = 5_000;
const NODE_CERTIFICATE_EXPIRY_MS = 90 * 24 * 3_600_000;
const ELECTION_TICK = 10;
const HEARTBEAT_TICK = 1;
export const DATA_PATH_PORT = 4_789;
export const SUBNET_SIZE = 24;

export const swarmSpecSchema = z.looseObject({
  Name: z.string().default("default"),
  Labels: stringMap.default({}),
  Orchestration: z
    .looseObject({ TaskHistoryRetentionLimit: z.number().int().optional() })
    .default({}),
  Raft: z
    .looseObject({
      SnapshotInterval: wholeNumber.optional(),
      KeepOldSnapshots: wholeNumber.default(0),
      LogEntriesForSlowFollowers: wholeNumber.optional(),
      ElectionTick: wholeNumber.default(0),
      HeartbeatTick: wholeNumber.default(0),
    })
    .default({ KeepOldSnapshots: 0, ElectionTick: 0, HeartbeatTick: 0 }),
  Dispatcher: z
    .looseObject({ HeartbeatPeriod: duration.default(0) })
    .default({ HeartbeatPeriod: 0 }),
  CAConfig: z.looseObject({ NodeCertExpiry: duration.default(0) }).default({ NodeCertExpiry: 0 }),
  TaskDefaults: z.looseObject({}).default({}),
  EncryptionConfig: z.looseObject({}).default({}),
});

type SwarmSpecRequest = z.output<typeof swarmSpecSchema>;

/** @throws EngineApiError 501 for a setting that this swarm has not; what it shows is accepted, so it can be sent back. */
export function refuseUnsupportedSettings(request: SwarmSpecRequest): void {
  const { Raft: raft, CAConfig: authority } = request;
  refuseUnsupported(raft, ["KeepOldSnapshots"], "Raft");
  requireFixed("Raft.ElectionTick", raft.ElectionTick, ELECTION_TICK);
  requireFixed("Raft.HeartbeatTick", raft.HeartbeatTick, HEARTBEAT_TICK);
  const heartbeat = toNanoseconds(HEARTBEAT_PERIOD_MS);
  requireFixed("Dispatcher.HeartbeatPeriod", request.Dispatcher.HeartbeatPeriod, heartbeat);
  const expiry = toNanoseconds(NODE_CERTIFICATE_EXPIRY_MS);
  requireFixed("CAConfig.NodeCertExpiry", authority.NodeCertExpiry, expiry);
  const certificates = ["ExternalCAs", "SigningCACert", "SigningCAKey", "ForceRotate"];
  refuseUnsupported(authority, certificates, "CAConfig");
  refuseUnsupported(request.TaskDefaults, ["LogDriver"], "TaskDefaults");
  refuseUnsupported(request.EncryptionConfig, ["AutoLockManagers"], "EncryptionConfig");
}

function requireFixed(setting: string, value: number, fixed: number): void {
  if (value !== 0 && value !== fixed) throw unimplemented(`${setting}: only ${fixed} is supported`);
}

/** @throws EngineApiError 400, 501 */
export function fromSwarmSpec(request: SwarmSpecRequest, before: ClusterSpec): ClusterSpec {
  refuseUnsupportedSettings(request);
  if (request.Name !== "" && request.Name !== "default") {
    throw new EngineApiError(400, 'swarm spec must be named "default"');
  }
  return {
    name: "default",
    labels: request.Labels,
    taskHistoryLimit: request.Orchestration.TaskHistoryRetentionLimit ?? DEFAULT_TASK_HISTORY_LIMIT,
    raftSnapshotIntervalEntries:
      nonZero(request.Raft.SnapshotInterval ?? 0) ?? before.raftSnapshotIntervalEntries,
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
        ElectionTick: ELECTION_TICK,
        HeartbeatTick: HEARTBEAT_TICK,
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

/**
 * A swarm begins with the default settings; they can be changed once it is there.
 * @throws EngineApiError 400, 501 for other ones.
 */
export function requireDefaultSettings(request: SwarmSpecRequest): void {
  const defaults: ClusterSpec = {
    name: "default",
    labels: {},
    taskHistoryLimit: DEFAULT_TASK_HISTORY_LIMIT,
    raftSnapshotIntervalEntries: 10_000,
    raftTrailingEntries: 500,
  };
  const wanted = fromSwarmSpec(request, defaults);
  const isDefault =
    wanted.taskHistoryLimit === defaults.taskHistoryLimit &&
    wanted.raftSnapshotIntervalEntries === defaults.raftSnapshotIntervalEntries &&
    (wanted.raftTrailingEntries === 0 ||
      wanted.raftTrailingEntries === defaults.raftTrailingEntries) &&
    Object.keys(wanted.labels).length === 0;
  if (!isDefault) {
    throw unimplemented(
      "a swarm starts with the default settings: change them with docker swarm update",
    );
  }
}
