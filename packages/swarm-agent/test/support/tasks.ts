import type { ContainerSpec, Task, TaskStatus } from "@waggle/swarm-state";

/** An object's id that begins with `name`. */
export function id(name: string): string {
  return name.padEnd(25, "0");
}

export const assignedStatus: TaskStatus = {
  state: "assigned",
  timestampMs: 1,
  appliedAtMs: 1,
  message: "scheduler assigned task to node",
  error: "",
  container: undefined,
};

export function testTask(
  changes: Partial<Task> = {},
  container: Partial<ContainerSpec> = {},
): Task {
  return {
    kind: "task",
    id: id("task1"),
    version: 1,
    createdAtMs: 1,
    updatedAtMs: 1,
    serviceId: id("service1"),
    service: { name: "web", labels: {} },
    slot: 3,
    nodeId: id("node1"),
    spec: {
      container: {
        image: "process",
        labels: {},
        command: [],
        args: [],
        hostname: "",
        env: [],
        dir: "",
        user: "",
        stopSignal: "",
        stopGracePeriodMs: 10_000,
        tty: false,
        init: undefined,
        readOnly: false,
        ...container,
      },
      limits: { nanoCpus: 0, memoryBytes: 0 },
      reservations: { nanoCpus: 0, memoryBytes: 0 },
      restart: { condition: "any", delayMs: 5000, maxAttempts: 0, windowMs: 0 },
      placement: { constraints: [], spread: [], maxReplicasPerNode: 0, platforms: [] },
      logDriver: undefined,
      forceUpdate: 0,
    },
    specVersion: 1,
    status: assignedStatus,
    desiredState: "running",
    startAfterMs: undefined,
    ...changes,
  };
}
