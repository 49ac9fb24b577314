import { DEFAULT_TASK_HISTORY_LIMIT } from "@waggle/swarm-state";
import type { Task, View } from "@waggle/swarm-state";
import { NODE_FORGOTTEN_AFTER_MS } from "./limits.ts";
import { createPlanBuilder } from "./plan-builder.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Dirty, Planner } from "./planner.ts";
import { endedByItself } from "./restart-policy.ts";
import { byAge, hasEnded, isLive, mayStillRun, slotGroup, wasAssigned } from "./slots.ts";

/**
 * Deletes tasks that nobody needs any more: those to be removed, as soon as they no longer run (or their node is lost);
 * and, oldest first, those beyond the number that a slot keeps. That number counts the live task too; it comes from the
 * cluster's `taskHistoryLimit`, or is `maxAttempts + 1` for a task whose restarts are counted, because they are counted
 * from the history. The last task of a slot without a live one is always kept: it says that the slot is done.
 *
 * A task that was to stop on a node of which nothing will be heard any more (removed, or down for a day) is marked as
 * orphaned: until then it keeps its last observed state, since its node may come back and report on it.
 */
export function createReaper(): Planner {
  const name = "reaper";
  return {
    name,
    plan(view, nowMs, dirty) {
      const out = createPlanBuilder(name, nowMs);
      const limit = historyLimit(view);
      for (const tasks of slotsToTrim(view, dirty)) trim(view, out, { tasks, limit });
      return out.build();
    },
  };
}

function historyLimit(view: View): number {
  for (const cluster of view.list("cluster")) return cluster.spec.taskHistoryLimit;
  return DEFAULT_TASK_HISTORY_LIMIT;
}

/** The tasks of every slot, or of those that the changed objects touch. */
function* slotsToTrim(view: View, dirty: Dirty | undefined): Generator<readonly Task[]> {
  const slots = new Map<string, Task>();
  const add = (task: Task) => slots.set(slotGroup(task.serviceId, task.slot), task);
  if (dirty === undefined) for (const task of view.list("task")) add(task);
  else {
    for (const id of dirty.services) for (const task of view.tasksOfService(id)) add(task);
    for (const id of dirty.nodes) for (const task of view.tasksOfNode(id)) add(task);
    for (const id of dirty.tasks) {
      const task = view.get("task", id);
      if (task !== undefined) add(task);
    }
  }
  for (const { serviceId, slot } of slots.values()) yield [...view.tasksOfSlot(serviceId, slot)];
}

function trim(
  view: View,
  out: PlanBuilder,
  { tasks, limit }: { readonly tasks: readonly Task[]; readonly limit: number },
): void {
  const counted: Task[] = [];
  for (const task of tasks) {
    if (task.desiredState !== "remove") {
      counted.push(task);
      if (!isLive(task) && wasAssigned(task) && !hasEnded(task)) orphan(view, out, task);
    } else if (!mayStillRun(view, task)) out.delete(task.id, task);
  }
  const [first] = counted;
  const service = first && view.get("service", first.serviceId);
  if (service === undefined) return;
  const { maxAttempts } = service.spec.task.restart;
  const keep = maxAttempts > 0 ? maxAttempts + 1 : limit;
  let excess = keep < 0 ? 0 : counted.length - keep;
  if (excess <= 0) return;
  counted.sort(byAge);
  const last = counted.some(isLive) ? undefined : counted.at(-1);
  const deletable = counted.filter((task) => !isLive(task) && task !== last && hasEnded(task));
  deletable.sort((a, b) => usefulness(a) - usefulness(b));
  for (const task of deletable) {
    if (excess-- <= 0) return;
    out.delete(slotGroup(task.serviceId, task.slot), task);
  }
}

/** Marks the task as orphaned if its node is gone, or has been down for long; else wakes the planner when it will have. */
function orphan(view: View, out: PlanBuilder, task: Task): void {
  const { nowMs } = out;
  const node = view.get("node", task.nodeId);
  if (node !== undefined) {
    if (node.status.state !== "down") return;
    // Not quite when it went down, but never earlier: the last change of the node.
    const forgottenAtMs = node.updatedAtMs + NODE_FORGOTTEN_AFTER_MS;
    if (forgottenAtMs > nowMs) {
      out.wakeAt(forgottenAtMs);
      return;
    }
  }
  const message =
    node === undefined
      ? "Task belonged to a node that has been deleted"
      : "Task belonged to a node that has been down for a day";
  const status = { state: "orphaned", timestampMs: nowMs, appliedAtMs: nowMs, message } as const;
  out.update(task.id, { ...task, status: { ...task.status, ...status } });
}

/** Where restarts are counted, tasks that count go last. Age decides among equals, as the sort is stable. */
function usefulness(task: Task): number {
  return task.spec.restart.maxAttempts > 0 && endedByItself(task) ? 1 : 0;
}
