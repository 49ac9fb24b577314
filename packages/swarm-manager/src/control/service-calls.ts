import type { Service, ServiceSpec, SwarmStore, Transaction, View } from "@waggle/swarm-state";
import { deepEqual } from "../internal/deep-equal.ts";
import type { ControlApi, ServiceView } from "./control-api.ts";
import { ControlError } from "./errors.ts";
import { requireObject, requireVersion } from "./require.ts";
import { validatePortsFree } from "./validate-endpoint.ts";
import { validateService } from "./validate-service.ts";

type ServiceWrites = Pick<ControlApi, "createService" | "updateService" | "removeService">;

/** The writes on services; validation that needs the state runs inside the transaction, so nothing can slip between. */
export function createServiceCalls(store: SwarmStore, newId: () => string): ServiceWrites {
  return {
    createService: async ({ spec }) => {
      validateService(spec);
      const id = newId();
      await store.update((tx) => create(tx, id, spec));
      return requireObject(store.view(), "service", id);
    },
    updateService: async ({ id, version, spec }) => {
      await store.update((tx) => update(tx, { id, version, spec }));
      return requireObject(store.view(), "service", id);
    },
    removeService: async ({ id }) => {
      await store.update((tx) => {
        requireObject(tx, "service", id);
        tx.delete("service", id);
      });
    },
  };
}

function create(tx: Transaction, id: string, spec: ServiceSpec): void {
  if (tx.byName("service", spec.name) !== undefined) {
    throw new ControlError(
      "already-exists",
      `name conflicts with an existing object: service ${spec.name} already exists`,
    );
  }
  validatePortsFree(tx, spec.endpoint, undefined);
  tx.create<Service>({
    kind: "service",
    id,
    spec,
    specVersion: 1,
    previousSpec: undefined,
    previousSpecVersion: undefined,
    updateStatus: undefined,
  });
}

interface ServiceUpdate {
  readonly id: string;
  readonly version: number;
  readonly spec: ServiceSpec;
}

function update(tx: Transaction, { id, version, spec }: ServiceUpdate): void {
  const service = requireObject(tx, "service", id);
  validateService(spec);
  requireVersion(service, version);
  if (spec.name !== service.spec.name) {
    throw new ControlError("unimplemented", "renaming services is not supported");
  }
  if (modeOf(spec) !== modeOf(service.spec)) {
    throw new ControlError("unimplemented", "service mode change is not allowed");
  }
  validatePortsFree(tx, spec.endpoint, id);
  const sameTasks = deepEqual(spec.task, service.spec.task);
  tx.update({
    ...service,
    spec,
    specVersion: sameTasks ? service.specVersion : service.specVersion + 1,
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
    updateStatus: undefined,
  });
}

/** As text, since there is only one mode yet and requests may come from a newer release. */
function modeOf(spec: ServiceSpec): string {
  return spec.mode.type;
}

/**
 * A service with its counts: `runningTasks` are those last seen running on a node that is not down, `desiredTasks` what
 * the spec asks for.
 */
export function serviceView(view: View, service: Service): ServiceView {
  let runningTasks = 0;
  for (const task of view.tasksOfService(service.id)) {
    if (task.status.state !== "running") continue;
    const node = view.get("node", task.nodeId);
    if (node !== undefined && node.status.state !== "down") runningTasks += 1;
  }
  return { service, runningTasks, desiredTasks: service.spec.mode.replicas };
}
