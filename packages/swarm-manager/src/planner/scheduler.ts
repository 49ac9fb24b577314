import { taskStateRank } from "@waggle/swarm-state";
import type { Task, View } from "@waggle/swarm-state";
import { FAULTY_NODE_FAILURES_MIN } from "./limits.ts";
import { createNodeFilters, explainNoNode, failedFilter } from "./node-filters.ts";
import { hostPortsOf, isUnplaced, measureNodes, occupy, versionKey } from "./node-usage.ts";
import type { NodeUsage } from "./node-usage.ts";
import { createPlacementTree } from "./placement-tree.ts";
import { createPlanBuilder } from "./plan-builder.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Dirty, Planner } from "./planner.ts";
import { hasEnded, isLive } from "./slots.ts";

/**
 * Gives each waiting task a node. Among the nodes that pass all filters (ready and active, resources, executor,
 * constraints, platform, host ports, tasks per node), spread labels come first; then nodes on which this version of the
 * service has failed often come last, and the one with the fewest tasks of the service, then with the fewest tasks at
 * all, wins. Equals go by id, so the same state always gives the same plan.
 *
 * A task that no node takes stays `pending` with the reasons in `status.error`, and is tried again whenever a node, the
 * load on one or a service changes. There is nothing to allocate before scheduling, so `new` tasks become `assigned` in one step.
 * A task that is not wanted any more before it had a node is closed as `shutdown`.
 */
export function createScheduler(): Planner {
  const name = "scheduler";
  return {
    name,
    plan(view, nowMs, dirty) {
      const out = createPlanBuilder(name, nowMs);
      if (dirty !== undefined && !mayMatter(view, dirty)) return out.build();
      const waiting: Task[] = [];
      for (const task of view.list("task"))
        if (isUnplaced(task)) waiting.push(task);
        else if (isAbandoned(task)) close(out, task);
      if (waiting.length > 0) place(view, waiting, out);
      return out.build();
    },
  };
}

/** Progress of placed tasks changes nothing for those that wait; everything else may. */
function mayMatter(view: View, dirty: Dirty): boolean {
  if (dirty.nodes.size > 0 || dirty.services.size > 0) return true;
  for (const id of dirty.tasks) {
    const task = view.get("task", id);
    if (task === undefined || task.nodeId === "" || hasEnded(task) || !isLive(task)) return true;
  }
  return false;
}

function isAbandoned(task: Task): boolean {
  return (
    task.nodeId === "" &&
    task.desiredState === "shutdown" &&
    taskStateRank(task.status.state) < taskStateRank("assigned")
  );
}

function close(out: PlanBuilder, task: Task): void {
  const { nowMs } = out;
  const status = { state: "shutdown", timestampMs: nowMs, appliedAtMs: nowMs } as const;
  out.update(task.id, { ...task, status: { ...task.status, ...status, message: "shutdown" } });
}

function place(view: View, waiting: readonly Task[], out: PlanBuilder): void {
  const nodes = measureNodes(view, out.nowMs);
  for (const group of groupByVersion(waiting)) placeGroup({ view, nodes, group, out });
}

/** Tasks alike, oldest group first. */
function groupByVersion(tasks: readonly Task[]): Task[][] {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    const key = versionKey(task);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [task]);
    else known.push(task);
  }
  const byAge = (a: Task, b: Task) => a.createdAtMs - b.createdAtMs || a.slot - b.slot;
  const sorted = [...groups].map(([key, group]) => ({ key, group: group.sort(byAge) }));
  const ageOf = (group: readonly Task[]) => group[0]?.createdAtMs ?? 0;
  sorted.sort((a, b) => ageOf(a.group) - ageOf(b.group) || (a.key < b.key ? -1 : 1));
  return sorted.map(({ group }) => group);
}

interface Group {
  readonly view: View;
  readonly nodes: readonly NodeUsage[];
  readonly group: readonly Task[];
  readonly out: PlanBuilder;
}

function placeGroup({ view, nodes, group, out }: Group): void {
  const [sample] = group;
  if (sample === undefined) return;
  const service = view.get("service", sample.serviceId);
  const filters = createNodeFilters(sample, service);
  const ports = hostPortsOf(service?.spec);
  const fits = (usage: NodeUsage) => failedFilter(filters, usage) === undefined;
  const { spread } = sample.spec.placement;
  const isBetter = createRanking(sample);
  const tasksOn = (usage: NodeUsage) => usage.activeByService.get(sample.serviceId) ?? 0;
  const next =
    group.length === 1 && spread.length === 0
      ? () => bestNode(nodes, fits, isBetter)
      : createPlacementTree({ nodes: nodes.filter(fits), spread, tasksOn, isBetter, fits });
  let excuse: string | undefined;
  for (const task of group) {
    const chosen = excuse === undefined ? next() : undefined;
    if (chosen !== undefined) {
      occupy(chosen, task, ports);
      assign(out, task, chosen.node.id);
      continue;
    }
    excuse ??= explainNoNode(filters, nodes);
    keepWaiting(out, task, excuse);
  }
}

/** One look at each node: for a single task cheaper than to sort them first. */
function bestNode(
  nodes: readonly NodeUsage[],
  fits: (usage: NodeUsage) => boolean,
  isBetter: (a: NodeUsage, b: NodeUsage) => boolean,
): NodeUsage | undefined {
  let best: NodeUsage | undefined;
  for (const usage of nodes)
    if ((best === undefined || isBetter(usage, best)) && fits(usage)) best = usage;
  return best;
}

function createRanking(task: Task): (a: NodeUsage, b: NodeUsage) => boolean {
  const key = versionKey(task);
  const failures = (usage: NodeUsage) => {
    const count = usage.failures.size === 0 ? 0 : (usage.failures.get(key) ?? 0);
    return count < FAULTY_NODE_FAILURES_MIN ? 0 : count;
  };
  const ofService = (usage: NodeUsage) => usage.activeByService.get(task.serviceId) ?? 0;
  return (a, b) => {
    const order =
      failures(a) - failures(b) || ofService(a) - ofService(b) || a.activeTasks - b.activeTasks;
    return order === 0 ? a.node.id < b.node.id : order < 0;
  };
}

function assign(out: PlanBuilder, task: Task, nodeId: string): void {
  const { nowMs } = out;
  out.update(task.id, {
    ...task,
    nodeId,
    status: {
      state: "assigned",
      timestampMs: nowMs,
      appliedAtMs: nowMs,
      message: "scheduler assigned task to node",
      error: "",
      container: undefined,
    },
  });
}

/** Writes only what is new, so that a task that cannot be placed does not write at every attempt. */
function keepWaiting(out: PlanBuilder, task: Task, error: string): void {
  out.because(task.id, error);
  if (task.status.state === "pending" && task.status.error === error) return;
  const { nowMs } = out;
  out.update(task.id, {
    ...task,
    status: {
      state: "pending",
      timestampMs: nowMs,
      appliedAtMs: nowMs,
      message: "pending task scheduling",
      error,
      container: undefined,
    },
  });
}
