import type { DesiredState, ObjectDraft, Service, Task, TaskSpec } from "@waggle/swarm-state";

/** What differs between the ways in which a task comes to be. */
export interface NewTaskOptions {
  readonly id: string;
  readonly slot: number;
  readonly desiredState: DesiredState;
  readonly startAfterMs: number | undefined;
  readonly nowMs: number;
  /** Default: the service's present one. */
  readonly from?: { readonly spec: TaskSpec; readonly specVersion: number };
}

/** A task of the service as it is first written: state `new`, no node. */
export function newTask(service: Service, options: NewTaskOptions): ObjectDraft<Task> {
  const { id, slot, desiredState, startAfterMs, nowMs, from } = options;
  return {
    kind: "task",
    id,
    serviceId: service.id,
    service: { name: service.spec.name, labels: service.spec.labels },
    slot,
    nodeId: "",
    spec: from?.spec ?? service.spec.task,
    specVersion: from?.specVersion ?? service.specVersion,
    status: {
      state: "new",
      timestampMs: nowMs,
      appliedAtMs: nowMs,
      message: "created",
      error: "",
      container: undefined,
    },
    desiredState,
    startAfterMs,
  };
}
