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
