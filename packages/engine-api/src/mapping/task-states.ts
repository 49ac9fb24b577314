import type { TaskState } from "@waggle/swarm-state";

const states: Readonly<Record<TaskState | "allocated", true>> = {
  new: true,
  allocated: true,
  pending: true,
  assigned: true,
  accepted: true,
  preparing: true,
  ready: true,
  starting: true,
  running: true,
  complete: true,
  shutdown: true,
  failed: true,
  rejected: true,
  remove: true,
  orphaned: true,
};

/** Every state that Docker knows, as filters name them. */
export const TASK_STATE_NAMES: readonly string[] = Object.keys(states);
