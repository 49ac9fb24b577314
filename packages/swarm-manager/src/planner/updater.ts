import { DEFAULT_UPDATE_CONFIG, taskStateRank } from "@waggle/swarm-state";
import type {
  Service,
  ServiceSpec,
  Task,
  UpdateConfig,
  UpdateStatus,
  View,
} from "@waggle/swarm-state";
import { newTask } from "./new-task.ts";
import { createPlanBuilder } from "./plan-builder.ts";
import type { PlanBuilder } from "./plan-builder.ts";
import type { Planner } from "./planner.ts";
import { endedByItself } from "./restart-policy.ts";
import { groupSlots, isLive, mayStillRun, servicesToPlan, slotGroup } from "./slots.ts";
import type { Slot } from "./slots.ts";
import { isTaskDirty } from "./task-dirt.ts";
import { firstFailure, isBusy, settledAtMs, verifiedAtMs } from "./update-progress.ts";
import type { UpdatedSlot } from "./update-progress.ts";

export interface UpdaterOptions {
  /** Gives a fresh object id at each call: 25 characters `[0-9a-z]`. */
  readonly newId: () => string;
}

/**
 * Brings a changed task spec into effect, some slots at a time, and keeps `updateStatus`.
 *
 * Which slots are done is read from the tasks themselves, so a new leader goes on where the old one was. A slot is busy
 * from the moment its task is replaced until the new one was observed running and the delay has passed; at most
 * `parallelism` slots are busy. Any task of the update that ends by itself while the update goes on counts as a failure
 * of its slot: task statuses keep the latest state only, so how long a failed task had run is not known, and stopping
 * once too often is the safe side. The failed share of all slots concerned decides with `maxFailureRatio`.
 *
 * A paused update rests until the user updates the service again, which clears `updateStatus`.
 */
export function createUpdater(options: UpdaterOptions): Planner {
  const name = "updater";
  return {
    name,
    plan(view, nowMs, dirty) {
      const out = createPlanBuilder(name, nowMs);
      for (const id of servicesToPlan(view, dirty, (task) => isCalm(view, task))) {
        const service = view.get("service", id);
        if (service !== undefined) planService({ view, service, newId: options.newId, out });
      }
      return out.build();
    },
  };
}

/** While nothing is under way, an up-to-date task changes nothing; else only those that ran or ended do. */
function isCalm(view: View, task: Task): boolean {
  const service = view.get("service", task.serviceId);
  if (service === undefined) return true;
  const phase = phaseOf(service.updateStatus);
  if (phase === "updating" || phase === "rolling-back")
    return isLive(task) && taskStateRank(task.status.state) < taskStateRank("running");
  let live = 0;
  for (const sibling of view.tasksOfSlot(task.serviceId, task.slot)) if (isLive(sibling)) live++;
  return live < 2 && (phase === "paused" || task.specVersion === service.specVersion);
}

interface Context {
  readonly view: View;
  readonly service: Service;
  readonly newId: () => string;
  readonly out: PlanBuilder;
}

type Phase = "idle" | "updating" | "rolling-back" | "paused";

function planService(context: Context): void {
  const { service } = context;
  const phase = phaseOf(service.updateStatus);
  const rollback = phase === "rolling-back" || service.updateStatus?.state === "rollback-paused";
  const config = (rollback ? service.spec.rollback : service.spec.update) ?? DEFAULT_UPDATE_CONFIG;
  const slots = classify(context, phase);
  const dirty = slots.filter((slot) => slot.clean.length === 0);
  if (phase !== "idle" && phase !== "paused") {
    const failed = firstFailure(slots, config);
    if (failed !== undefined) {
      stopUpdate(context, failed, { slots, config, phase });
      return;
    }
  }
  const merging = tidy(context, slots, { config, phase });
  if (phase === "paused") return;
  if (dirty.length > 0) advance(context, { slots, dirty, config, phase });
  else if (phase !== "idle" && !merging) complete(context, { slots, config, phase });
}

function phaseOf(status: UpdateStatus | undefined): Phase {
  switch (status?.state) {
    case "updating":
      return "updating";
    case "rollback-started":
      return "rolling-back";
    case "paused":
    case "rollback-paused":
      return "paused";
    default:
      return "idle";
  }
}

/** Sorts the tasks of each slot that counts as a replica into those up to date and those not. */
function classify({ view, service }: Context, phase: Phase): UpdatedSlot[] {
  const startedAtMs = phase === "idle" ? Infinity : (service.updateStatus?.startedAtMs ?? Infinity);
  const updated: UpdatedSlot[] = [];
  for (const slot of groupSlots(view.tasksOfService(service.id))) {
    const current = slot.finished === undefined ? slot.live : [slot.finished];
    if (current.length === 0) continue;
    const isClean = (task: Task) => !isTaskDirty(service, task, view.get("node", task.nodeId));
    updated.push({
      slot,
      clean: current.filter(isClean),
      made: slot.tasks.filter(
        (task) =>
          task.createdAtMs >= startedAtMs && task.desiredState !== "remove" && isClean(task),
      ),
    });
  }
  return updated;
}

/**
 * Puts slots that need no update in order; returns whether any had several live tasks.
 *
 * Of those only one is kept: the old ones go when the new one runs, or at once if the order is stop-first. Slots still to
 * be updated are left to their update, unless it is paused. Tasks that may stay although the version has grown (their
 * spec is the same again, or only a placement changed that they satisfy) get the present version and spec, so that "up
 * to date" can be read from the version alone.
 */
function tidy(
  context: Context,
  slots: readonly UpdatedSlot[],
  { config, phase }: Pick<Progress, "config" | "phase">,
): boolean {
  let merging = false;
  for (const { slot, clean } of slots) {
    if (slot.live.length === 0 || (clean.length === 0 && phase !== "paused")) continue;
    const keep = furthest(clean.length > 0 ? clean : slot.live);
    const waits = config.order === "start-first" && keep.status.state !== "running";
    if (slot.live.length > 1) merging = true;
    for (const task of slot.live) {
      const isClean = clean.includes(task);
      const serves = task.status.state === "running" && !isClean;
      if (task !== keep && !(waits && serves)) shutDown(context, task);
      else if (isClean) adopt(context, task);
    }
  }
  return merging;
}

function adopt({ service, out }: Context, task: Task): void {
  const { specVersion, spec } = service;
  if (task.specVersion === specVersion) return;
  out.update(slotGroup(service.id, task.slot), { ...task, specVersion, spec: spec.task });
}

function furthest(tasks: readonly Task[]): Task {
  return tasks.reduce((best, task) =>
    taskStateRank(task.status.state) > taskStateRank(best.status.state) ? task : best,
  );
}

function shutDown({ out }: Context, task: Task): void {
  const retired = { ...task, desiredState: "shutdown", startAfterMs: undefined } as const;
  out.update(slotGroup(task.serviceId, task.slot), retired);
}

interface Progress {
  readonly slots: readonly UpdatedSlot[];
  readonly config: UpdateConfig;
  readonly phase: Phase;
}

/** Starts the update if it has not begun, and replaces as many slots as may be busy at once. */
function advance(
  context: Context,
  { slots, dirty, config, phase }: Progress & { readonly dirty: readonly UpdatedSlot[] },
): void {
  const { service, out } = context;
  if (phase === "idle")
    setStatus(context, service, {
      state: "updating",
      startedAtMs: out.nowMs,
      completedAtMs: undefined,
      message: "update in progress",
    });
  const busy = slots.filter((slot) => isBusy(slot, config, out.nowMs));
  for (const slot of busy) {
    const settled = settledAtMs(slot);
    if (settled !== undefined) out.wakeAt(settled + config.delayMs);
  }
  const free = config.parallelism === 0 ? dirty.length : config.parallelism - busy.length;
  // A slot whose new task failed beside the old one has had its turn: to try again takes no place.
  const again = new Set(dirty.filter((slot) => slot.made.some(endedByItself)));
  const order = dirty
    .filter((slot) => !again.has(slot))
    .sort((a, b) => servingRank(a.slot) - servingRank(b.slot) || a.slot.number - b.slot.number);
  for (const slot of [...again, ...order.slice(0, Math.max(0, free))])
    replace(context, slot, config);
}

/** Slots that serve nobody are updated first: it costs nothing. */
function servingRank(slot: Slot): number {
  return slot.live.some((task) => task.status.state === "running") ? 1 : 0;
}

function replace(context: Context, updated: UpdatedSlot, config: UpdateConfig): void {
  const { slot } = updated;
  const { view, service, newId, out } = context;
  const startFirst = config.order === "start-first";
  const stopping = slot.tasks.some((task) => mayStillRun(view, task));
  for (const task of slot.live)
    if (!startFirst || task.status.state !== "running") shutDown(context, task);
  const startAfterMs = startFirst ? retryAtMs(updated, out.nowMs) : undefined;
  const id = newId();
  const draft = newTask(service, {
    id,
    slot: slot.number,
    desiredState: startAfterMs === undefined && (startFirst || !stopping) ? "running" : "ready",
    startAfterMs,
    nowMs: out.nowMs,
  });
  out.create(slotGroup(service.id, slot.number), draft);
  out.because(id, `brings the service's present spec to slot ${slot.number}`);
}

/** A slot whose new task failed beside the old one is tried again after the restart delay, not at once. */
function retryAtMs({ made }: UpdatedSlot, nowMs: number): number | undefined {
  const failed = made.findLast(endedByItself);
  if (failed === undefined) return undefined;
  const timeMs = failed.status.appliedAtMs + failed.spec.restart.delayMs;
  return timeMs > nowMs ? timeMs : undefined;
}

function complete(context: Context, { slots, config, phase }: Progress): void {
  const { service, out } = context;
  for (const slot of slots) {
    if (slot.made.length === 0) continue;
    const verified = verifiedAtMs(slot, config);
    // Not yet running: the change of its state will wake the planner.
    if (verified === undefined) return;
    if (verified > out.nowMs) {
      out.wakeAt(verified);
      return;
    }
  }
  const rollback = phase === "rolling-back";
  const startedAtMs = service.updateStatus?.startedAtMs ?? 0;
  if (startedAtMs === out.nowMs) {
    // One thing at a time: that it began is to be seen first, even if there is nothing to replace.
    out.wakeAt(startedAtMs + 1);
    return;
  }
  setStatus(context, service, {
    state: rollback ? "rollback-completed" : "completed",
    startedAtMs,
    completedAtMs: out.nowMs,
    message: rollback ? "rollback completed" : "update completed",
  });
}

/** Too many failures: pauses, or goes back to the previous spec. A rollback that fails is paused, never rolled back. */
function stopUpdate(context: Context, failed: Task, { slots, config, phase }: Progress): void {
  const { service, out } = context;
  const { previousSpec } = service;
  const cause = `due to failure or early termination of task ${failed.id}`;
  const rollback = phase === "rolling-back";
  const startedAtMs = service.updateStatus?.startedAtMs ?? out.nowMs;
  out.because(service.id, `${rollback ? "rollback" : "update"} stopped ${cause}`);
  if (!rollback && config.failureAction === "rollback" && previousSpec !== undefined) {
    rollBack(context, previousSpec, `update rolled back ${cause}`);
    return;
  }
  setStatus(context, service, {
    state: rollback ? "rollback-paused" : "paused",
    startedAtMs,
    completedAtMs: undefined,
    message: `${rollback ? "rollback" : "update"} paused ${cause}`,
  });
  tidy(context, slots, { config, phase: "paused" });
}

/** Makes the previous spec the present one again and begins to bring it into effect. */
function rollBack(context: Context, spec: ServiceSpec, message: string): void {
  const { service, out } = context;
  const startedAtMs = out.nowMs;
  const updateStatus = { state: "rollback-started", startedAtMs, message } as const;
  const restored: Service = {
    ...service,
    spec,
    // Not the previous version again: versions only grow, and tasks that are kept are given the new one.
    specVersion: service.specVersion + 1,
    previousSpec: undefined,
    previousSpecVersion: undefined,
    updateStatus: { ...updateStatus, completedAtMs: undefined },
  };
  setStatus(context, restored, { ...updateStatus, completedAtMs: undefined });
  const phase = "rolling-back";
  const config = spec.rollback ?? DEFAULT_UPDATE_CONFIG;
  const rolling = { ...context, service: restored };
  const slots = classify(rolling, phase);
  const dirty = slots.filter((slot) => slot.clean.length === 0);
  const merging = tidy(rolling, slots, { config, phase });
  if (dirty.length === 0 && !merging) out.wakeAt(startedAtMs + 1);
  if (dirty.length > 0) advance(rolling, { slots, dirty, config, phase });
}

function setStatus({ out }: Context, service: Service, updateStatus: UpdateStatus): void {
  out.update(service.id, { ...service, updateStatus });
  out.because(service.id, updateStatus.message);
}
