import {
  DEFAULT_RESTART_POLICY,
  DEFAULT_STOP_GRACE_PERIOD_MS,
  DEFAULT_STOP_SIGNAL,
  defaultClusterSpec,
  NO_RESOURCES,
} from "../src/defaults.ts";
import type { Cluster } from "../src/objects/cluster.ts";
import type { Node } from "../src/objects/node.ts";
import type { ObjectDraft } from "../src/objects/object.ts";
import type { Service } from "../src/objects/service.ts";
import type { TaskSpec } from "../src/objects/task-spec.ts";
import type { Task } from "../src/objects/task.ts";

/** A well-formed id made of a short word: `s1` gives `s1xxx…`. */
export function idOf(word: string): string {
  return word.padEnd(25, "x");
}

export function taskSpec(): TaskSpec {
  return {
    container: {
      image: "process",
      labels: {},
      command: ["/bin/sleep"],
      args: ["1d"],
      hostname: "",
      env: ["A=ü"],
      dir: "",
      user: "",
      stopSignal: DEFAULT_STOP_SIGNAL,
      stopGracePeriodMs: DEFAULT_STOP_GRACE_PERIOD_MS,
      tty: false,
      init: undefined,
      readOnly: false,
    },
    limits: NO_RESOURCES,
    reservations: NO_RESOURCES,
    restart: DEFAULT_RESTART_POLICY,
    placement: { constraints: [], spread: [], maxReplicasPerNode: 0, platforms: [] },
    logDriver: undefined,
    forceUpdate: 0,
  };
}

export function serviceDraft(word: string, name: string, replicas = 1): ObjectDraft<Service> {
  return {
    kind: "service",
    id: idOf(word),
    spec: {
      name,
      labels: {},
      task: taskSpec(),
      mode: { type: "replicated", replicas },
      update: undefined,
      rollback: undefined,
      endpoint: undefined,
    },
    specVersion: 0,
    previousSpec: undefined,
    previousSpecVersion: undefined,
    updateStatus: undefined,
  };
}

export interface TaskPlace {
  readonly service?: string;
  readonly slot?: number;
  readonly node?: string;
}

export function taskDraft(word: string, place: TaskPlace = {}): ObjectDraft<Task> {
  return {
    kind: "task",
    id: idOf(word),
    serviceId: idOf(place.service ?? "s1"),
    service: { name: place.service ?? "s1", labels: {} },
    slot: place.slot ?? 1,
    nodeId: place.node === undefined ? "" : idOf(place.node),
    spec: taskSpec(),
    specVersion: 0,
    status: {
      state: "new",
      timestampMs: 0,
      appliedAtMs: 0,
      message: "",
      error: "",
      container: undefined,
    },
    desiredState: "running",
    startAfterMs: undefined,
  };
}

export function nodeDraft(word: string, hostname?: string): ObjectDraft<Node> {
  return {
    kind: "node",
    id: idOf(word),
    spec: { name: "", labels: {}, role: "worker", availability: "active" },
    description:
      hostname === undefined
        ? undefined
        : {
            hostname,
            platform: { os: "linux", architecture: "x64" },
            resources: { nanoCpus: 4e9, memoryBytes: 8e9 },
            engine: { version: "1", labels: {}, executors: ["process"] },
            address: "10.0.0.1:7946",
          },
    status: { state: "ready", message: "", address: "" },
    manager: undefined,
  };
}

export function clusterDraft(): ObjectDraft<Cluster> {
  return {
    kind: "cluster",
    id: idOf("c1"),
    spec: defaultClusterSpec(),
    joinSecrets: { worker: "w", manager: "m" },
  };
}
