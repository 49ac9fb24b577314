import { taskStateRank } from "@waggle/swarm-state";
import type { Task, View } from "@waggle/swarm-state";
import { TASK_HISTORY_LIMIT_DEFAULT } from "./limits.ts";
import { createPlanBuilder } from "./plan-builder.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Planner } from "./planner.ts";
import { endedByItself } from "./restart-policy.ts";
import { groupSlots, isLive, mayStillRun, servicesToPlan, slotGroup } from "./slots.ts";
import type { Slot } from "./slots.ts";

/**
 * Deletes tasks that nobody needs any more: those to be removed, as soon as they no longer run (or their node is lost);
 * and, oldest first, those beyond the number that a slot keeps. That number counts the live task too; it comes from the
 * cluster's `taskHistoryLimit`, or is `maxAttempts + 1` for a task whose restarts are counted, because they are counted
 * from the history. The last task of a slot without a live one is always kept: it says that the slot is done.
 */
export function createReaper(): Planner {
  const name = "reaper";
  return {
    name,
    plan(view, nowMs, dirty) {
      const out = createPlanBuilder(name, nowMs);
      const limit = historyLimit(view);
      for (const id of servicesToPlan(view, dirty)) {
        for (const task of view.tasksOfService(id))
          if (task.desiredState === "remove" && !mayStillRun(view, task)) out.delete(task.id, task);
        const service = view.get("service", id);
        if (service === undefined) continue;
        const { maxAttempts } = service.spec.task.restart;
        const keep = maxAttempts > 0 ? maxAttempts + 1 : limit;
        if (keep < 0) continue;
        for (const slot of groupSlots(view.tasksOfService(id))) trim(view, out, { slot, keep });
      }
      return out.build();
    },
  };
}

function historyLimit(view: View): number {
  for (const cluster of view.list("cluster")) return cluster.spec.taskHistoryLimit;
  return TASK_HISTORY_LIMIT_DEFAULT;
}

function trim(
  view: View,
  out: PlanBuilder,
  { slot, keep }: { readonly slot: Slot; readonly keep: number },
): void {
  const counted = slot.tasks.filter((task) => task.desiredState !== "remove");
  let excess = counted.length - keep;
  if (excess <= 0) return;
  const last = slot.live.length > 0 ? undefined : counted.at(-1);
  const deletable = counted.filter(
    (task) => !isLive(task) && task !== last && !mayStillRun(view, task) && isSettled(view, task),
  );
  deletable.sort((a, b) => usefulness(a) - usefulness(b));
  for (const task of deletable) {
    if (excess-- <= 0) return;
    out.delete(slotGroup(task.serviceId, task.slot), task);
  }
}

/** A task on a node that is merely down is kept: the node may come back and report on it. */
function isSettled(view: View, task: Task): boolean {
  if (taskStateRank(task.status.state) > taskStateRank("running")) return true;
  return task.nodeId === "" || view.get("node", task.nodeId) === undefined;
}

/** Where restarts are counted, tasks that count go last. Age decides among equals, as the sort is stable. */
function usefulness(task: Task): number {
  return task.spec.restart.maxAttempts > 0 && endedByItself(task) ? 1 : 0;
}
