import type { Service, Task, View } from "@waggle/swarm-state";
import { STOP_WAIT_MS_MAX } from "./limits.ts";
import { newTask } from "./new-task.ts";
import { createPlanBuilder } from "./plan-builder.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Planner } from "./planner.ts";
import { endedByItself, isFinished } from "./restart-policy.ts";
import { orderForScaleDown } from "./scale-down.ts";
import {
  groupSlots,
  hasEnded,
  isLive,
  isNodeUnfit,
  isStopping,
  mayStillRun,
  servicesToPlan,
  slotGroup,
} from "./slots.ts";
import type { Slot } from "./slots.ts";

export interface OrchestratorOptions {
  /** Gives a fresh object id at each call: 25 characters `[0-9a-z]`. */
  readonly newId: () => string;
}

/**
 * Keeps each replicated service at its number of replicas.
 *
 * It creates missing tasks and removes those too many; restarts tasks that ended by their restart policy, and replaces
 * at once those whose node is down, removed or drained; lets tasks that wait (desired `ready`) run when their delay is
 * over and their predecessor has stopped, or after a minute at the latest; and marks the tasks of removed services for
 * removal. A node of state `unknown` or `disconnected` keeps its tasks: a change of leadership restarts nothing.
 */
export function createOrchestrator(options: OrchestratorOptions): Planner {
  const name = "orchestrator";
  return {
    name,
    plan(view, nowMs, dirty) {
      const out = createPlanBuilder(name, nowMs);
      for (const id of servicesToPlan(view, dirty, (task) => isCalm(view, task))) {
        const service = view.get("service", id);
        if (service === undefined)
          for (const task of view.tasksOfService(id)) markForRemoval(out, task);
        else planService({ view, service, newId: options.newId, out });
      }
      return out.build();
    },
  };
}

/** A task that runs as it should, or an old one whose successor does. */
function isCalm(view: View, task: Task): boolean {
  if (view.get("service", task.serviceId) === undefined) return task.desiredState === "remove";
  if (isLive(task))
    return task.desiredState === "running" && !hasEnded(task) && !isNodeUnfit(view, task);
  let succeeded = false;
  for (const sibling of view.tasksOfSlot(task.serviceId, task.slot)) {
    if (sibling.desiredState === "ready") return false;
    if (sibling.desiredState === "running") succeeded = true;
  }
  return succeeded;
}

interface Context {
  readonly view: View;
  readonly service: Service;
  readonly newId: () => string;
  readonly out: PlanBuilder;
}

function planService(context: Context): void {
  const { service, out } = context;
  const slots = groupSlots(context.view.tasksOfService(service.id));
  const filled = slots.filter((slot) => slot.live.length > 0 || slot.finished !== undefined);
  const wanted = service.spec.mode.replicas;
  const kept =
    filled.length > wanted ? new Set(orderForScaleDown(filled).slice(0, wanted)) : new Set(filled);
  const taken = new Set<number>();
  for (const slot of kept) taken.add(slot.number);
  const missing = freeSlots(taken, wanted - kept.size);
  for (const slot of slots) {
    if (kept.has(slot)) planSlot(context, slot);
    else if (!missing.has(slot.number)) for (const task of slot.tasks) markForRemoval(out, task);
  }
  for (const slot of missing) {
    const id = context.newId();
    const { nowMs } = out;
    const draft = { id, slot, desiredState: "running", startAfterMs: undefined, nowMs } as const;
    out.create(slotGroup(service.id, slot), newTask(service, draft));
    out.because(id, `created to fill slot ${slot} of ${wanted} replicas`);
  }
}

/** The lowest `count` slot numbers that are not taken. */
function freeSlots(taken: ReadonlySet<number>, count: number): Set<number> {
  const free = new Set<number>();
  for (let slot = 1; free.size < count; slot++) if (!taken.has(slot)) free.add(slot);
  return free;
}

/** Each by itself: a slot's history may be too much for one transaction. */
function markForRemoval(out: PlanBuilder, task: Task): void {
  if (task.desiredState === "remove") return;
  out.update(task.id, { ...task, desiredState: "remove", startAfterMs: undefined });
  out.because(task.id, "no longer wanted: its service was removed or scaled down");
}

function planSlot(context: Context, slot: Slot): void {
  const { view, out } = context;
  const sick = slot.live.filter(
    (task) => !isDelayed(task, out.nowMs) && (hasEnded(task) || isNodeUnfit(view, task)),
  );
  for (const task of slot.live)
    if (task.desiredState === "ready" && !sick.includes(task)) promote(context, slot, task);
  if (sick.length === 0) return;
  for (const task of sick) retire(context, task);
  const newest = sick.at(-1);
  if (newest !== undefined && sick.length === slot.live.length) succeed(context, slot, newest);
}

/**
 * A task that ended (its node refused it) before its time to run came: it keeps its place until then. A successor would
 * be refused as fast, and slots that no node can run would turn over as fast as the swarm writes.
 */
function isDelayed(task: Task, nowMs: number): boolean {
  return hasEnded(task) && task.desiredState === "ready" && (task.startAfterMs ?? 0) > nowMs;
}

/** Lets a waiting task run when its delay is over and its predecessor has stopped. */
function promote({ view, out }: Context, slot: Slot, task: Task): void {
  const stopping = slot.tasks.some((other) => isStopping(view, other));
  const dueAtMs = Math.max(
    task.startAfterMs ?? 0,
    stopping ? task.createdAtMs + STOP_WAIT_MS_MAX : 0,
  );
  if (dueAtMs > out.nowMs) {
    out.wakeAt(dueAtMs);
    return;
  }
  out.update(slotGroup(task.serviceId, task.slot), {
    ...task,
    desiredState: "running",
    startAfterMs: undefined,
  });
}

/** The task is to stop. Whether that will be heard of is the reaper's business. */
function retire({ out }: Context, task: Task): void {
  const retired = { ...task, desiredState: "shutdown", startAfterMs: undefined } as const;
  out.update(slotGroup(task.serviceId, task.slot), retired);
}

/** Creates the task that follows `old` in its slot, unless the restart policy wants none. */
function succeed({ view, service, newId, out }: Context, slot: Slot, old: Task): void {
  if (isFinished(old, slot.tasks)) {
    out.because(old.id, `${old.status.state}; its restart policy wants no further attempt`);
    return;
  }
  const unfit = isNodeUnfit(view, old);
  const delayMs = unfit || !hasEnded(old) ? 0 : old.spec.restart.delayMs;
  const stillRunning = slot.tasks.some((task) => mayStillRun(view, task));
  const waits = delayMs > 0 || stillRunning;
  const id = newId();
  const state = service.updateStatus?.state;
  const paused = state === "paused" || state === "rollback-paused";
  const draft = newTask(service, {
    id,
    slot: slot.number,
    desiredState: waits ? "ready" : "running",
    startAfterMs: delayMs > 0 ? out.nowMs + delayMs : undefined,
    nowMs: out.nowMs,
    // A paused update must not go on through the back door of a restart.
    ...(paused ? { from: old } : {}),
  });
  out.create(slotGroup(service.id, slot.number), draft);
  if (delayMs > 0) out.wakeAt(out.nowMs + delayMs);
  else if (waits) out.wakeAt(out.nowMs + STOP_WAIT_MS_MAX);
  const cause = endedByItself(old) ? old.status.state : unfit ? "node unfit" : old.status.state;
  out.because(id, `replaces ${old.id} (${cause}) in slot ${slot.number} after ${delayMs} ms`);
}
