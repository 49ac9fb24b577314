import type {
  Change,
  Cluster,
  Node,
  ObjectKind,
  ObjectOf,
  Service,
  ServiceSpec,
  SwarmObject,
  Task,
  TaskSpec,
  TaskState,
  UpdateConfig,
  View,
} from "@waggle/swarm-state";
import type { Dirty, Plan, Planner } from "../../src/planner/planner.ts";

export const taskSpec: TaskSpec = {
  container: {
    image: "process",
    labels: {},
    command: ["sleep"],
    args: ["1"],
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
};

export const updateConfig: UpdateConfig = {
  parallelism: 1,
  delayMs: 0,
  failureAction: "pause",
  monitorMs: 5_000,
  maxFailureRatio: 0,
  order: "stop-first",
};

const meta = { version: 1, createdAtMs: 0, updatedAtMs: 0 };

export function makeService(
  id: string,
  replicas: number,
  spec: Partial<ServiceSpec> = {},
  rest: Partial<Service> = {},
): Service {
  return {
    ...meta,
    kind: "service",
    id,
    spec: {
      name: id,
      labels: {},
      task: taskSpec,
      mode: { type: "replicated", replicas },
      update: undefined,
      rollback: undefined,
      endpoint: undefined,
      ...spec,
    },
    specVersion: 1,
    previousSpec: undefined,
    previousSpecVersion: undefined,
    updateStatus: undefined,
    ...rest,
  };
}

export function makeNode(id: string, rest: Partial<Node> = {}): Node {
  return {
    ...meta,
    kind: "node",
    id,
    spec: { name: "", labels: {}, role: "worker", availability: "active" },
    description: {
      hostname: id,
      platform: { os: "linux", architecture: "x86_64" },
      resources: { nanoCpus: 4e9, memoryBytes: 4e9 },
      engine: { version: "1", labels: {}, executors: ["process"] },
      address: "10.0.0.1:4000",
    },
    status: { state: "ready", message: "", address: "10.0.0.1:4000" },
    manager: undefined,
    ...rest,
  };
}

export function makeTask(
  id: string,
  slot: number,
  rest: Partial<Task> & { readonly state?: TaskState } = {},
): Task {
  const { state, ...fields } = rest;
  return {
    ...meta,
    kind: "task",
    id,
    serviceId: "web",
    service: { name: "web", labels: {} },
    slot,
    nodeId: "n1",
    spec: taskSpec,
    specVersion: 1,
    status: {
      state: state ?? "running",
      timestampMs: 0,
      appliedAtMs: 0,
      message: "",
      error: "",
      container: undefined,
    },
    desiredState: "running",
    startAfterMs: undefined,
    ...fields,
  };
}

export function makeCluster(taskHistoryLimit: number): Cluster {
  return {
    ...meta,
    kind: "cluster",
    id: "cluster",
    spec: {
      name: "default",
      labels: {},
      taskHistoryLimit,
      raftSnapshotIntervalEntries: 10_000,
      raftTrailingEntries: 500,
    },
    joinSecrets: { worker: "w", manager: "m" },
  };
}

/** A seeded generator of numbers in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createIds(prefix = "t"): () => string {
  let count = 0;
  return () => `${prefix}${String(++count).padStart(6, "0")}`;
}

/** A state that can be written to, with the reads of a view. */
export class FakeState implements View {
  index = 1;
  nowMs = 100_000;
  onChange: (change: Change) => void = () => undefined;
  readonly #objects = new Map<string, SwarmObject>();
  readonly #byService = new Map<string, Set<string>>();

  constructor(...objects: SwarmObject[]) {
    for (const object of objects) this.put(object);
  }

  put(object: SwarmObject): void {
    this.index++;
    const old = this.#objects.get(object.id);
    const stored = {
      ...object,
      version: this.index,
      createdAtMs: old?.createdAtMs ?? object.createdAtMs,
    };
    this.#objects.set(object.id, stored);
    if (object.kind === "task") {
      const ids = this.#byService.get(object.serviceId) ?? new Set();
      this.#byService.set(object.serviceId, ids.add(object.id));
    }
    this.onChange({ type: old === undefined ? "create" : "update", object: stored });
  }

  remove(id: string): void {
    const object = this.#objects.get(id);
    this.index++;
    this.#objects.delete(id);
    if (object?.kind === "task") this.#byService.get(object.serviceId)?.delete(id);
    if (object !== undefined) this.onChange({ type: "delete", object });
  }

  /** Writes a plan, as the loop does. */
  apply(plan: Plan): void {
    for (const change of plan.changes) {
      const { id } = change.object;
      const old = this.#objects.get(id);
      if (change.type === "create") {
        if (old !== undefined) throw new RangeError(`${id} exists`);
        this.put({ ...change.object, version: 0, createdAtMs: this.nowMs, updatedAtMs: 0 });
        continue;
      }
      if (old?.version !== change.object.version) throw new RangeError(`${id} is stale`);
      if (change.type === "delete") this.remove(id);
      else this.put(change.object);
    }
  }

  /** Plans and applies; fails if planning again would still change something. */
  run(planner: Planner, dirty?: Dirty): Plan {
    const plan = planner.plan(this, this.nowMs, dirty);
    this.apply(plan);
    const again = planner.plan(this, this.nowMs);
    if (again.changes.length > 0)
      throw new RangeError(`${planner.name} repeats itself: ${JSON.stringify(again.changes[0])}`);
    return plan;
  }

  setState(id: string, state: TaskState, error = ""): void {
    const task = this.task(id);
    const times = { timestampMs: this.nowMs, appliedAtMs: this.nowMs };
    this.put({ ...task, status: { ...task.status, ...times, state, error } });
  }

  task(id: string): Task {
    const task = this.get("task", id);
    if (task === undefined) throw new RangeError(`no task ${id}`);
    return task;
  }

  /** Every task in a line: `id slot desired state node`. */
  summary(serviceId = "web"): string[] {
    return [...this.tasksOfService(serviceId)].map(
      (task) =>
        `${task.id} ${task.slot} ${task.desiredState} ${task.status.state} ${task.nodeId || "-"}`,
    );
  }

  get<K extends ObjectKind>(kind: K, id: string): ObjectOf<K> | undefined {
    const object = this.#objects.get(id);
    return object?.kind === kind ? (object as ObjectOf<K>) : undefined;
  }

  list<K extends ObjectKind>(kind: K): ObjectOf<K>[] {
    return [...this.#objects.values()]
      .filter((object): object is ObjectOf<K> => object.kind === kind)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  count(kind: ObjectKind): number {
    return this.list(kind).length;
  }

  byName<K extends ObjectKind>(): ObjectOf<K> | undefined {
    throw new RangeError("no planner asks by name");
  }

  *tasksOfService(serviceId: string): Iterable<Task> {
    for (const id of [...(this.#byService.get(serviceId) ?? [])].sort()) yield this.task(id);
  }

  tasksOfNode(nodeId: string): Task[] {
    return this.list("task").filter((task) => task.nodeId === nodeId);
  }

  tasksOfSlot(serviceId: string, slot: number): Task[] {
    return [...this.tasksOfService(serviceId)].filter((task) => task.slot === slot);
  }
}
