import type { ServiceView } from "@waggle/swarm-manager";
import { TASK_STATE_NAMES } from "../mapping/task-states.ts";
import type { Task, TaskSpec } from "@waggle/swarm-state";
import {
  type Filters,
  matchesAny,
  matchesLabels,
  parseFilters,
  requireKnownValues,
} from "../filters.ts";
import { booleanParameterValue } from "../http/query.ts";
import { type Exchange, json, type Reply } from "../http/exchange.ts";
import { lookUp } from "../lookup.ts";
import { toTaskSpec } from "../mapping/task-spec.ts";
import { taskName, toTask } from "../mapping/task.ts";
import { requireControl } from "./control.ts";
import { lookUpNode } from "./nodes.ts";
import type { Router } from "./router.ts";
import { lookUpService } from "./services.ts";

const filterKeys = [
  "id",
  "name",
  "service",
  "node",
  "desired-state",
  "label",
  "_up-to-date",
  "runtime",
] as const;

/** The instances of services, past ones included. */
export function addTaskRoutes(router: Router): void {
  router.on("GET", "/tasks", list);
  router.on("GET", "/tasks/:id", async (exchange) => json(toTask(await findTask(exchange))));
}

/** The task that the path names. */
export async function findTask({ ports, params }: Exchange): Promise<Task> {
  return lookUp(await requireControl(ports).listTasks(), params["id"] ?? "", {
    kind: "task",
    id: (task) => task.id,
    name: taskName,
  });
}

async function list({ ports, query }: Exchange): Promise<Reply> {
  const control = requireControl(ports);
  const filters = parseFilters(query, filterKeys);
  requireKnownValues(filters, "desired-state", { known: TASK_STATE_NAMES, label: "desired-state" });
  const [tasks, services] = await Promise.all([control.listTasks(), control.listServices()]);
  const serviceIds = new Set(
    (filters.get("service") ?? []).map((name) => lookUpService(services, name).service.id),
  );
  const nodeNames = filters.get("node") ?? [];
  const nodes = nodeNames.length === 0 ? [] : await control.listNodes();
  const nodeIds = new Set(nodeNames.map((name) => lookUpNode(nodes, name).node.id));
  const upToDate = upToDateTest(filters, services);
  const found = tasks.filter(
    (task) =>
      (serviceIds.size === 0 || serviceIds.has(task.serviceId)) &&
      (nodeIds.size === 0 || nodeIds.has(task.nodeId)) &&
      matchesAny(filters, "id", (prefix) => task.id.startsWith(prefix)) &&
      matchesAny(filters, "name", (prefix) => taskName(task).startsWith(prefix)) &&
      matchesAny(filters, "desired-state", (state) => task.desiredState === state) &&
      matchesLabels(filters, "label", task.service.labels) &&
      matchesAny(filters, "runtime", (runtime) => runtime === "container") &&
      upToDate(task),
  );
  return json(found.map(toTask));
}

/**
 * The docker command line counts only tasks that are as the service's present spec wants them: made from it, or from one
 * that wants the same, as after a rollback before anything was replaced.
 */
function upToDateTest(filters: Filters, services: readonly ServiceView[]): (task: Task) => boolean {
  const values = filters.get("_up-to-date") ?? [];
  if (values.length === 0) return () => true;
  const wanted = values.some(booleanParameterValue);
  const present = new Map(services.map(({ service }) => [service.id, service]));
  return (task) => {
    const service = present.get(task.serviceId);
    const isUpToDate =
      service !== undefined &&
      (service.specVersion === task.specVersion || wantsSame(service.spec.task, task.spec));
    return isUpToDate === wanted;
  };
}

/** Docker's form has the same fields in the same order for the same meaning. */
function wantsSame(a: TaskSpec, b: TaskSpec): boolean {
  const shape = { runtime: false, insertDefaults: true };
  return a === b || JSON.stringify(toTaskSpec(a, shape)) === JSON.stringify(toTaskSpec(b, shape));
}
