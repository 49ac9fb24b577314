import type {
  Availability,
  Cluster,
  ClusterSpec,
  Node,
  NodeSpec,
  Service,
  ServiceSpec,
  Task,
} from "@waggle/swarm-state";

/** A node with what only the running managers know. */
export interface NodeView {
  readonly node: Node;
  /** Present on managers. */
  readonly manager: ManagerView | undefined;
}

export interface ManagerView {
  readonly leader: boolean;
  /** It gets the log and is not counted in the quorum yet. */
  readonly learner: boolean;
  readonly reachability: "unknown" | "unreachable" | "reachable";
  readonly address: string;
}

export interface ServiceView {
  readonly service: Service;
  readonly runningTasks: number;
  readonly desiredTasks: number;
}

/**
 * What users and tools may ask of a swarm. Every manager answers: reads are linearizable, writes go to the leader.
 * Everything here is plain data, so that a call can be forwarded as it is. Lists come whole; filtering is the caller's.
 *
 * @throws ControlError on every method: `invalid-argument`, `not-found`, `already-exists`, `out-of-sequence`,
 * `failed-precondition`, `unimplemented` (state unchanged, retry is pointless as it is); `no-leader`, `unavailable`
 * (state unchanged, retry is sound); `unknown-outcome` (it may or may not have happened).
 */
export interface ControlApi {
  getCluster(): Promise<Cluster>;
  updateCluster(request: {
    readonly version: number;
    readonly spec: ClusterSpec;
    readonly rotate: { readonly workerToken: boolean; readonly managerToken: boolean };
  }): Promise<Cluster>;

  listNodes(): Promise<readonly NodeView[]>;
  /** By id only; names and prefixes are resolved by the caller from the list. */
  getNode(id: string): Promise<NodeView>;
  updateNode(request: {
    readonly id: string;
    readonly version: number;
    readonly spec: NodeSpec;
  }): Promise<Node>;
  /** A node that is not down is refused unless `force`; a manager must be demoted first. */
  removeNode(request: { readonly id: string; readonly force: boolean }): Promise<void>;

  createService(request: { readonly spec: ServiceSpec }): Promise<Service>;
  listServices(): Promise<readonly ServiceView[]>;
  getService(id: string): Promise<ServiceView>;
  updateService(request: {
    readonly id: string;
    readonly version: number;
    readonly spec: ServiceSpec;
  }): Promise<Service>;
  removeService(request: { readonly id: string }): Promise<void>;

  listTasks(): Promise<readonly Task[]>;
  getTask(id: string): Promise<Task>;
}

/** How a machine becomes a node; asked for by {@link ControlApi}'s siblings in the join protocol, not by users. */
export interface JoinRequest {
  readonly role: "worker" | "manager";
  readonly availability: Availability;
  readonly hostname: string;
  /** Where the joining node's transport listens: `host:port`. */
  readonly address: string;
}
