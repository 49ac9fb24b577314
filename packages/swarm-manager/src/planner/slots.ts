import { taskStateRank } from "@waggle/swarm-state";
import type { Task, View } from "@waggle/swarm-state";
import type { Dirty } from "./planner.ts";
import { isFinished } from "./restart-policy.ts";

const runningRank = taskStateRank("running");
const assignedRank = taskStateRank("assigned");

/** Observed to have ended, whatever the way. */
export function hasEnded(task: Task): boolean {
  return taskStateRank(task.status.state) > runningRank;
}

/** A node was chosen, so an agent may know the task. */
export function wasAssigned(task: Task): boolean {
  return task.nodeId !== "" && taskStateRank(task.status.state) >= assignedRank;
}

/** Meant to run now or soon. */
export function isLive(task: Task): boolean {
  return task.desiredState === "ready" || task.desiredState === "running";
}

/** The task's node is removed or down: nothing will be heard of the task. */
function isNodeLost(view: View, task: Task): boolean {
  if (task.nodeId === "") return false;
  const node = view.get("node", task.nodeId);
  return node === undefined || node.status.state === "down";
}

/** The task's node is lost or is to be emptied. */
export function isNodeUnfit(view: View, task: Task): boolean {
  if (task.nodeId === "") return false;
  return isNodeLost(view, task) || view.get("node", task.nodeId)?.spec.availability === "drain";
}

/** An agent that can be heard has the task, and it has not ended. */
export function mayStillRun(view: View, task: Task): boolean {
  return wasAssigned(task) && !hasEnded(task) && !isNodeLost(view, task);
}

/** The task may still be running although it should not: a successor waits for it. */
export function isStopping(view: View, task: Task): boolean {
  return !isLive(task) && mayStillRun(view, task);
}

/** The tasks, past and present, of one replica. */
export interface Slot {
  readonly number: number;
  /** Oldest first. */
  readonly tasks: readonly Task[];
  readonly live: readonly Task[];
  /** No live task, and the last one ended in a way after which its restart policy wants no other. Counts as a replica. */
  readonly finished: Task | undefined;
}

/** Sorts a service's tasks into slots, lowest slot first. */
export function groupSlots(tasks: Iterable<Task>): Slot[] {
  const bySlot = new Map<number, Task[]>();
  for (const task of tasks) {
    const known = bySlot.get(task.slot);
    if (known === undefined) bySlot.set(task.slot, [task]);
    else known.push(task);
  }
  const slots: Slot[] = [];
  for (const [number, slotTasks] of bySlot) {
    if (slotTasks.length > 1) slotTasks.sort(byAge);
    const live = slotTasks.filter(isLive);
    slots.push({ number, tasks: slotTasks, live, finished: finishedTask(slotTasks, live) });
  }
  return slots.sort((a, b) => a.number - b.number);
}

function finishedTask(tasks: readonly Task[], live: readonly Task[]): Task | undefined {
  if (live.length > 0) return undefined;
  const newest = tasks.findLast((task) => task.desiredState !== "remove");
  return newest !== undefined && isFinished(newest, tasks) ? newest : undefined;
}

/** Oldest first; of equal age, live ones count as newer. */
export function byAge(a: Task, b: Task): number {
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs;
  const liveness = Number(isLive(a)) - Number(isLive(b));
  if (liveness !== 0) return liveness;
  return a.id < b.id ? -1 : 1;
}

/**
 * Which services a planner has to look at, in order of id: all, or those that the changed objects touch. A changed task
 * for which `isCalm` holds touches nothing: most changes are tasks that get on as they should, and looking at thousands
 * of siblings for each would keep a leader busy.
 */
export function servicesToPlan(
  view: View,
  dirty: Dirty | undefined,
  isCalm: (task: Task) => boolean,
): string[] {
  const ids = new Set<string>(dirty?.services);
  if (dirty === undefined) {
    for (const service of view.list("service")) ids.add(service.id);
    for (const task of view.list("task")) ids.add(task.serviceId);
  } else {
    for (const taskId of dirty.tasks) {
      const task = view.get("task", taskId);
      if (task !== undefined && !ids.has(task.serviceId) && !isCalm(task)) ids.add(task.serviceId);
    }
    for (const nodeId of dirty.nodes)
      for (const task of view.tasksOfNode(nodeId)) ids.add(task.serviceId);
  }
  return [...ids].sort();
}

/** Group name for changes that concern one slot. */
export function slotGroup(serviceId: string, slot: number): string {
  return `${serviceId}/${slot}`;
}
