import type { Annotations, ObjectMeta } from "./meta.ts";
import type { TaskSpec } from "./task-spec.ts";

/** In order: a task only ever moves to a later state. */
export const TASK_STATES = [
  "new",
  "pending",
  "assigned",
  "accepted",
  "preparing",
  "ready",
  "starting",
  "running",
  "complete",
  "shutdown",
  "failed",
  "rejected",
  "remove",
  "orphaned",
] as const;

export type TaskState = (typeof TASK_STATES)[number];

/** Position in {@link TASK_STATES}: compare states by it. */
export function taskStateRank(state: TaskState): number {
  return TASK_STATES.indexOf(state);
}

export interface ContainerStatus {
  readonly containerId: string;
  readonly pid: number;
  readonly exitCode: number | undefined;
}

/** What was last observed. Written by agents and, before a node is chosen, by the manager. */
export interface TaskStatus {
  readonly state: TaskState;
  /** When it was observed, on the observer's clock. */
  readonly timestampMs: number;
  /** When the leader wrote it; ages are measured by this one. */
  readonly appliedAtMs: number;
  readonly message: string;
  readonly error: string;
  readonly container: ContainerStatus | undefined;
}

export type DesiredState = "ready" | "running" | "shutdown" | "remove";

export interface Task extends ObjectMeta {
  readonly kind: "task";
  readonly serviceId: string;
  /** Copy of the service's name and labels at creation. */
  readonly service: Annotations;
  /** From 1; which replica this task is, or was. */
  readonly slot: number;
  /** Empty until the scheduler has chosen. */
  readonly nodeId: string;
  readonly spec: TaskSpec;
  readonly specVersion: number;
  readonly status: TaskStatus;
  /** Written by managers only. */
  readonly desiredState: DesiredState;
  /** A task at desired state `ready` that a restart delay holds back is started at this time by the leader's clock. */
  readonly startAfterMs: number | undefined;
}
