import type { Task, TaskStatus } from "@waggle/swarm-state";
import { toTaskSpec } from "./task-spec.ts";
import { nonEmpty, toMeta, toTime } from "./values.ts";

export function toTask(task: Task): object {
  return {
    ...toMeta(task),
    Labels: {},
    Spec: toTaskSpec(task.spec, { runtime: false, insertDefaults: false }),
    ServiceID: task.serviceId,
    Slot: task.slot,
    NodeID: nonEmpty(task.nodeId),
    Status: toTaskStatus(task.status),
    DesiredState: task.desiredState,
    Volumes: null,
  };
}

/** The name by which tasks are filtered: `service.slot.id`. */
export function taskName(task: Task): string {
  return `${task.service.name}.${task.slot}.${task.id}`;
}

function toTaskStatus(status: TaskStatus): object {
  const { container } = status;
  return {
    Timestamp: toTime(status.timestampMs),
    State: status.state,
    Message: nonEmpty(status.message),
    Err: nonEmpty(status.error),
    ContainerStatus: container && {
      ContainerID: container.containerId,
      PID: container.pid,
      ExitCode: container.exitCode ?? 0,
    },
    PortStatus: {},
  };
}
