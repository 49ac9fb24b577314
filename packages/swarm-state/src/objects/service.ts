import type { Annotations, ObjectMeta } from "./meta.ts";
import type { TaskSpec } from "./task-spec.ts";

/** Global services and jobs will make this a union over `type`. */
export interface ServiceMode {
  readonly type: "replicated";
  readonly replicas: number;
}

export interface UpdateConfig {
  /** How many slots change at once; 0 means all. Default 1. */
  readonly parallelism: number;
  readonly delayMs: number;
  readonly failureAction: "pause" | "continue" | "rollback";
  /** How long a new task is watched for failure. Default 5 000. */
  readonly monitorMs: number;
  readonly maxFailureRatio: number;
  readonly order: "stop-first" | "start-first";
}

export interface PortConfig {
  readonly name: string;
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly targetPort: number;
  /** 0 lets the allocator choose. */
  readonly publishedPort: number;
  readonly publishMode: "ingress" | "host";
}

export interface EndpointSpec {
  readonly mode: "vip" | "dnsrr";
  readonly ports: readonly PortConfig[];
}

export interface ServiceSpec extends Annotations {
  readonly task: TaskSpec;
  readonly mode: ServiceMode;
  readonly update: UpdateConfig | undefined;
  readonly rollback: UpdateConfig | undefined;
  readonly endpoint: EndpointSpec | undefined;
}

export interface UpdateStatus {
  readonly state:
    | "updating"
    | "paused"
    | "completed"
    | "rollback-started"
    | "rollback-paused"
    | "rollback-completed";
  readonly startedAtMs: number;
  readonly completedAtMs: number | undefined;
  readonly message: string;
}

export interface Service extends ObjectMeta {
  readonly kind: "service";
  readonly spec: ServiceSpec;
  /** Grows with every change of `spec.task`-relevant content; tasks carry the one they were made from. */
  readonly specVersion: number;
  readonly previousSpec: ServiceSpec | undefined;
  readonly previousSpecVersion: number | undefined;
  readonly updateStatus: UpdateStatus | undefined;
}
