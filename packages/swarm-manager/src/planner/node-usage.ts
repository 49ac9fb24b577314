import { taskStateRank } from "@waggle/swarm-state";
import type { Node, ServiceSpec, Task, View } from "@waggle/swarm-state";
import { FAULTY_NODE_WINDOW_MS } from "./limits.ts";
import { hasEnded, isLive, wasAssigned } from "./slots.ts";

/** What is free and what runs on one node, while a batch of tasks is being placed. */
export interface NodeUsage {
  readonly node: Node;
  freeNanoCpus: number;
  freeMemoryBytes: number;
  /** Live tasks of all services. */
  activeTasks: number;
  /** Live tasks by service. */
  readonly activeByService: Map<string, number>;
  /** Recent failures by {@link versionKey}. */
  readonly failures: Map<string, number>;
  /** Host ports in use, as `tcp/80`. */
  readonly hostPorts: Set<string>;
}

/** Names one version of a service's tasks. */
export function versionKey(task: Task): string {
  return `${task.serviceId}/${task.specVersion}`;
}

/** Host ports that a service's tasks take on their node, as `tcp/80`. */
export function hostPortsOf(spec: ServiceSpec | undefined): string[] {
  return (spec?.endpoint?.ports ?? [])
    .filter((port) => port.publishMode === "host" && port.publishedPort !== 0)
    .map((port) => `${port.protocol}/${port.publishedPort}`);
}

/** Takes what `task` needs on the node. */
export function occupy(usage: NodeUsage, task: Task, hostPorts: readonly string[]): void {
  const { nanoCpus, memoryBytes } = task.spec.reservations;
  usage.freeNanoCpus -= nanoCpus;
  usage.freeMemoryBytes -= memoryBytes;
  for (const port of hostPorts) usage.hostPorts.add(port);
  if (!isLive(task)) return;
  usage.activeTasks++;
  usage.activeByService.set(task.serviceId, (usage.activeByService.get(task.serviceId) ?? 0) + 1);
}

/**
 * The usage of every node, in order of id. A task holds its reservations from its assignment until it is observed to
 * have ended, whatever is desired of it; it counts as active only while it is meant to run.
 */
export function measureNodes(view: View, nowMs: number): NodeUsage[] {
  const byId = new Map<string, NodeUsage>();
  for (const node of view.list("node")) byId.set(node.id, emptyUsage(node));
  const ports = new Map<string, readonly string[]>();
  for (const task of view.list("task")) {
    const usage = byId.get(task.nodeId);
    if (usage === undefined) continue;
    if (hasEnded(task)) countFailure(usage, task, nowMs);
    else if (wasAssigned(task)) {
      let taskPorts = ports.get(task.serviceId);
      if (taskPorts === undefined) {
        taskPorts = hostPortsOf(view.get("service", task.serviceId)?.spec);
        ports.set(task.serviceId, taskPorts);
      }
      occupy(usage, task, taskPorts);
    }
  }
  return [...byId.values()];
}

function emptyUsage(node: Node): NodeUsage {
  return {
    node,
    freeNanoCpus: node.description?.resources.nanoCpus ?? 0,
    freeMemoryBytes: node.description?.resources.memoryBytes ?? 0,
    activeTasks: 0,
    activeByService: new Map(),
    failures: new Map(),
    hostPorts: new Set(),
  };
}

function countFailure(usage: NodeUsage, task: Task, nowMs: number): void {
  const { state, appliedAtMs } = task.status;
  if (state !== "failed" && state !== "rejected") return;
  if (appliedAtMs <= nowMs - FAULTY_NODE_WINDOW_MS) return;
  const key = versionKey(task);
  usage.failures.set(key, (usage.failures.get(key) ?? 0) + 1);
}

/** No node was chosen yet, and one is wanted. */
export function isUnplaced(task: Task): boolean {
  return (
    task.nodeId === "" &&
    isLive(task) &&
    taskStateRank(task.status.state) < taskStateRank("assigned")
  );
}
