export type { ObjectMeta, Labels, Annotations } from "./objects/meta.ts";
export type { Cluster, ClusterSpec } from "./objects/cluster.ts";
export type {
  Availability,
  ManagerMembership,
  Node,
  NodeDescription,
  NodeResources,
  NodeRole,
  NodeSpec,
  NodeState,
  NodeStatus,
} from "./objects/node.ts";
export type {
  EndpointSpec,
  PortConfig,
  Service,
  ServiceMode,
  ServiceSpec,
  UpdateConfig,
  UpdateStatus,
} from "./objects/service.ts";
export type {
  ContainerSpec,
  LogDriver,
  Placement,
  ResourceAmounts,
  RestartPolicy,
  TaskSpec,
} from "./objects/task-spec.ts";
export { TASK_STATES, taskStateRank } from "./objects/task.ts";
export type { ContainerStatus, DesiredState, Task, TaskState, TaskStatus } from "./objects/task.ts";
export type { ObjectDraft, ObjectKind, ObjectOf, SwarmObject } from "./objects/object.ts";
export type { Change, ChangeEvent, Proposer, SwarmStore, Transaction, View } from "./store.ts";
export type {
  AgentMessage,
  AssignmentsComplete,
  AssignmentsIncremental,
  DescriptionReport,
  DispatcherMessage,
  ManagerPeer,
  ManagersChanged,
  SessionAccepted,
  SessionBye,
  SessionHello,
  SessionRefused,
  StatusAcknowledged,
  StatusReport,
} from "./session/messages.ts";
export { createSwarmStore } from "./create-store.ts";
export { createLocalProposer } from "./local-proposer.ts";
export type { LocalProposer, LocalProposerOptions } from "./local-proposer.ts";
export type { SwarmStoreOptions } from "./options.ts";
export { isSessionCodecError, isStoreError, SessionCodecError, StoreError } from "./errors.ts";
export type { SessionCodecErrorCode, StoreErrorCode } from "./errors.ts";
export { isObjectId } from "./objects/validate-parts.ts";
export {
  IN_FLIGHT_BYTES_MAX,
  OBJECT_BYTES_MAX,
  SESSION_ITEMS_MAX,
  SESSION_MESSAGE_BYTES_MAX,
  SNAPSHOT_CHUNK_BYTES_MAX,
  SNAPSHOT_OBJECTS_MAX,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_CHANGES_MAX,
  TRANSACTIONS_IN_FLIGHT_MAX,
  WATCH_EVENTS_MAX,
} from "./limits.ts";
export {
  DEFAULT_CLUSTER_NAME,
  DEFAULT_RAFT_SNAPSHOT_INTERVAL_ENTRIES,
  DEFAULT_RAFT_TRAILING_ENTRIES,
  DEFAULT_RESTART_POLICY,
  DEFAULT_STOP_GRACE_PERIOD_MS,
  DEFAULT_STOP_SIGNAL,
  DEFAULT_TASK_HISTORY_LIMIT,
  DEFAULT_UPDATE_CONFIG,
  defaultClusterSpec,
  NO_RESOURCES,
} from "./defaults.ts";
export {
  decodeAgentMessage,
  decodeDispatcherMessage,
  encodeAgentMessage,
  encodeDispatcherMessage,
} from "./session/codec.ts";
