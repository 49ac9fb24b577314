import type { Annotations, Labels, ObjectMeta } from "./meta.ts";

export type NodeRole = "worker" | "manager";
export type Availability = "active" | "pause" | "drain";

export interface NodeSpec extends Annotations {
  /** The desired role; the observed one follows (see {@link Node.manager}). */
  readonly role: NodeRole;
  readonly availability: Availability;
}

export interface NodeResources {
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

/** What a node says of itself at the start of each session. */
export interface NodeDescription {
  readonly hostname: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly resources: NodeResources;
  readonly engine: {
    readonly version: string;
    readonly labels: Labels;
    /** Which executors the node has: `process` always, `docker` where an engine answers. */
    readonly executors: readonly string[];
  };
  /** Where the node's transport listens: `host:port`. */
  readonly address: string;
}

export type NodeState = "unknown" | "down" | "ready" | "disconnected";

export interface NodeStatus {
  readonly state: NodeState;
  readonly message: string;
  /** The address that the session came from or the node announced: `host:port`. */
  readonly address: string;
}

/** Present while the node is a member of the Raft group. Reachability and leadership are added to replies, not stored. */
export interface ManagerMembership {
  readonly raftId: number;
  /** Where the manager's transport listens: `host:port`. */
  readonly address: string;
}

export interface Node extends ObjectMeta {
  readonly kind: "node";
  readonly spec: NodeSpec;
  readonly description: NodeDescription | undefined;
  readonly status: NodeStatus;
  readonly manager: ManagerMembership | undefined;
}
