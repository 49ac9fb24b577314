import type { ObjectDraft, ServiceSpec, SwarmStore, Task, TaskState } from "@waggle/swarm-state";
import { BEE, idOf } from "./swarm.ts";

export function serviceSpec(name = "web", change: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    labels: {},
    task: {
      container: {
        image: "process:latest",
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

export function taskDraft(
  name: string,
  serviceId: string,
  change: Partial<ObjectDraft<Task>> & { readonly state?: TaskState } = {},
): ObjectDraft<Task> {
  const { state = "running", ...rest } = change;
  const spec = serviceSpec();
  return {
    kind: "task",
    id: idOf(name),
    serviceId,
    service: { name: spec.name, labels: spec.labels },
    slot: 1,
    nodeId: BEE,
    spec: spec.task,
    specVersion: 1,
    status: {
      state,
      timestampMs: 1_795_000_000_460,
      appliedAtMs: 1_795_000_000_460,
      message: "started",
      error: "",
      container: undefined,
    },
    desiredState: "running",
    startAfterMs: undefined,
    ...rest,
  };
}

export async function addTasks(
  store: SwarmStore,
  ...drafts: readonly ObjectDraft<Task>[]
): Promise<void> {
  await store.update((tx) => {
    for (const draft of drafts) tx.create<Task>(draft);
  });
}
