import type {
  Node,
  NodeDescription,
  ObjectDraft,
  ServiceSpec,
  Task,
  TaskState,
  TaskStatus,
} from "@waggle/swarm-state";

/** A valid id that begins with the given name. */
export function idOf(name: string): string {
  return name.padEnd(25, "0");
}

/** Ids in the order in which they are made. */
export function createIds(): () => string {
  let serial = 0;
  return () => `id${String(++serial).padStart(23, "0")}`;
}

export function serviceSpec(name = "web", change: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    labels: {},
    task: {
      container: {
        image: "nginx:1.27",
        labels: {},
        command: [],
        args: [],
        hostname: "",
        env: [],
        dir: "",
        user: "",
        stopSignal: "SIGTERM",
        stopGracePeriodMs: 10_000,
        tty: false,
        init: undefined,
        readOnly: false,
      },
      limits: { nanoCpus: 0, memoryBytes: 0 },
      reservations: { nanoCpus: 0, memoryBytes: 0 },
      restart: { condition: "any", delayMs: 5_000, maxAttempts: 0, windowMs: 0 },
      placement: { constraints: [], spread: [], maxReplicasPerNode: 0, platforms: [] },
      logDriver: undefined,
      forceUpdate: 0,
    },
    mode: { type: "replicated", replicas: 2 },
    update: undefined,
    rollback: undefined,
    endpoint: undefined,
    ...change,
  };
}

export function description(hostname = "host"): NodeDescription {
  return {
    hostname,
    platform: { os: "linux", architecture: "x86_64" },
    resources: { nanoCpus: 2e9, memoryBytes: 2 ** 30 },
    engine: { version: "1", labels: {}, executors: ["process"] },
    address: "10.0.0.1:4000",
  };
}

export function node(id: string, change: Partial<ObjectDraft<Node>> = {}): ObjectDraft<Node> {
  return {
    kind: "node",
    id: idOf(id),
    spec: { name: "", labels: {}, role: "worker", availability: "active" },
    description: description(id),
    status: { state: "ready", message: "", address: "10.0.0.1:4000" },
    manager: undefined,
    ...change,
  };
}

/** A node that is a member of the Raft group. */
export function managerNode(id: string, raftId: number): ObjectDraft<Node> {
  const { spec, ...worker } = node(id);
  return {
    ...worker,
    spec: { ...spec, role: "manager" },
    manager: { raftId, address: "10.0.0.1:2377" },
  };
}

export function taskStatus(state: TaskState, change: Partial<TaskStatus> = {}): TaskStatus {
  return {
    state,
    timestampMs: 1,
    appliedAtMs: 1,
    message: "",
    error: "",
    container: undefined,
    ...change,
  };
}

export function task(id: string, nodeId: string, state: TaskState = "assigned"): ObjectDraft<Task> {
  const spec = serviceSpec();
  return {
    kind: "task",
    id: idOf(id),
    serviceId: idOf("service"),
    service: { name: spec.name, labels: {} },
    slot: 1,
    nodeId: idOf(nodeId),
    spec: spec.task,
    specVersion: 1,
    status: taskStatus(state),
    desiredState: "running",
    startAfterMs: undefined,
  };
}
