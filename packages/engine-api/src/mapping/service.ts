import type { ServiceView } from "@waggle/swarm-manager";
import type { UpdateStatus } from "@waggle/swarm-state";
import { toEndpointSpec, toServiceSpec } from "./service-spec.ts";
import { toMeta, toTime } from "./values.ts";

export interface ServiceShape {
  /** Show the counts of tasks (lists asked with `status=true`). */
  readonly status: boolean;
  readonly insertDefaults: boolean;
}

export function toService(view: ServiceView, shape: ServiceShape): object {
  const { service } = view;
  const { spec, previousSpec, updateStatus } = service;
  const specShape = { runtime: true, insertDefaults: shape.insertDefaults };
  return {
    ...toMeta(service),
    Spec: toServiceSpec(spec, specShape),
    PreviousSpec: previousSpec && toServiceSpec(previousSpec, specShape),
    // As long as there is nothing to allocate, Docker shows an empty endpoint whatever the spec says.
    Endpoint: {
      Spec:
        spec.endpoint !== undefined && spec.endpoint.ports.length > 0
          ? toEndpointSpec(spec.endpoint)
          : {},
    },
    UpdateStatus: updateStatus && toUpdateStatus(updateStatus),
    ServiceStatus: shape.status
      ? {
          RunningTasks: view.runningTasks,
          DesiredTasks: view.desiredTasks,
          CompletedTasks: 0,
        }
      : undefined,
  };
}

function toUpdateStatus(status: UpdateStatus): object {
  return {
    State: status.state.replace("-", "_"),
    StartedAt: toTime(status.startedAtMs),
    CompletedAt: status.completedAtMs === undefined ? undefined : toTime(status.completedAtMs),
    Message: status.message,
  };
}
