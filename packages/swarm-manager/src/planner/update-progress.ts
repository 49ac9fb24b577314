import type { Task, UpdateConfig } from "@waggle/swarm-state";
import { endedByItself } from "./restart-policy.ts";
import { isLive } from "./slots.ts";
import type { Slot } from "./slots.ts";

/** A replica as the updater sees it. */
export interface UpdatedSlot {
  readonly slot: Slot;
  /** Of its live (or finished) tasks those that are up to date; empty means that the slot is to be updated. */
  readonly clean: readonly Task[];
  /** Up-to-date tasks, ended ones included, that were made since the update began. */
  readonly made: readonly Task[];
}

/**
 * When a new task of the slot was first seen running, or ended by itself; `undefined` if that is still to come. A task
 * that was interrupted settles nothing: its successor has yet to show what it is worth.
 */
export function settledAtMs({ made }: UpdatedSlot): number | undefined {
  let earliest: number | undefined;
  for (const task of made) {
    if (!(task.status.state === "running" && isLive(task)) && !endedByItself(task)) continue;
    const { appliedAtMs } = task.status;
    if (earliest === undefined || appliedAtMs < earliest) earliest = appliedAtMs;
  }
  return earliest;
}

/** The slot was replaced and holds one of the places that `parallelism` grants. */
export function isBusy(updated: UpdatedSlot, config: UpdateConfig, nowMs: number): boolean {
  // A slot whose new task was lost beside the old one queues again.
  if (updated.made.length === 0 || updated.clean.length === 0) return false;
  const settled = settledAtMs(updated);
  return settled === undefined || nowMs < settled + config.delayMs;
}

/** Until when the slot's new task is watched for failure; `undefined` while it does not run yet. */
export function verifiedAtMs(updated: UpdatedSlot, config: UpdateConfig): number | undefined {
  const settled = settledAtMs(updated);
  if (settled === undefined) return undefined;
  // As Docker: a delay that outlasts the watch stretches it.
  const watchMs = config.delayMs >= config.monitorMs ? config.delayMs + 1_000 : config.monitorMs;
  return settled + watchMs;
}

/** The task to blame if more slots have failed than the settings allow, else `undefined`. */
export function firstFailure(
  slots: readonly UpdatedSlot[],
  config: UpdateConfig,
): Task | undefined {
  if (config.failureAction === "continue") return undefined;
  let concerned = 0;
  let failedSlots = 0;
  let blamed: Task | undefined;
  for (const slot of slots) {
    if (slot.clean.length === 0 || slot.made.length > 0) concerned++;
    const failed = slot.made.filter(endedByItself);
    if (failed.length > 0) failedSlots++;
    for (const task of failed)
      if (blamed === undefined || task.status.appliedAtMs < blamed.status.appliedAtMs)
        blamed = task;
  }
  return failedSlots > config.maxFailureRatio * concerned ? blamed : undefined;
}
