import type { ServiceView } from "@waggle/swarm-manager";
import type { UpdateStatus } from "@waggle/swarm-state";
import { DEFAULT_UPDATE_CONFIG, toEndpointSpec, toServiceSpec } from "./service-spec.ts";
import { toMeta, toTime } from "./values.ts";

export interface ServiceShape {
  /** Show the counts of tasks (lists asked with `status=true`). */
  readonly status: boolean;
  readonly insertDefaults: boolean;
}

export function toService(view: ServiceView, shape: ServiceShape): object {
  const { service } = view;
  const { spec, previousSpec, updateStatus } = service;
  const defaults = shape.insertDefaults
    ? { UpdateConfig: DEFAULT_UPDATE_CONFIG, RollbackConfig: DEFAULT_UPDATE_CONFIG }
    : {};
  return {
    ...toMeta(service),
    Spec: { ...defaults, ...withoutUndefined(toServiceSpec(spec)) },
    PreviousSpec: previousSpec && toServiceSpec(previousSpec),
    Endpoint: { Spec: spec.endpoint === undefined ? {} : toEndpointSpec(spec.endpoint) },
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

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function toUpdateStatus(status: UpdateStatus): object {
  return {
    State: status.state.replace("-", "_"),
    StartedAt: toTime(status.startedAtMs),
    CompletedAt: status.completedAtMs === undefined ? undefined : toTime(status.completedAtMs),
    Message: status.message,
  };
}
