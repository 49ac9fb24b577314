import type { ObjectDraft, SwarmObject, Task, View } from "@waggle/swarm-state";

/**
 * One write that a planner asks for. Changes of equal `group` that follow each other are written in one transaction or
 * not at all; if an object of the group has changed meanwhile, the whole group is dropped and planned anew.
 */
export type PlannedChange =
  | { readonly type: "create"; readonly group: string; readonly object: ObjectDraft<Task> }
  /** `object.version` is the version that was read. */
  | { readonly type: "update" | "delete"; readonly group: string; readonly object: SwarmObject };

/** Why a planner did something, or why it could not: what `explain` shows. */
export interface Reason {
  /** Id of the task, service or node that it is about. */
  readonly objectId: string;
  readonly planner: string;
  readonly atMs: number;
  readonly text: string;
}

/** What a planner wants. An empty `changes` means that the state is as it should be. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** The planner is to be asked again at this time (unix milliseconds) even if nothing changes until then. */
  readonly wakeAtMs: number | undefined;
  /** At most {@link REASONS_PER_PLAN_MAX}. */
  readonly reasons: readonly Reason[];
}

/** Ids of what has changed since the planner was last asked. Deleted objects are named too. */
export interface Dirty {
  /** Services that changed, or lost a task by deletion. */
  readonly services: ReadonlySet<string>;
  readonly nodes: ReadonlySet<string>;
  readonly tasks: ReadonlySet<string>;
}

/**
 * A pure function from one committed state to changes: no clock, no randomness, nothing remembered that the state does
 * not say. Asked again about a state that already has its changes, it plans nothing. Without `dirty` it looks at the
 * whole state; with it, it may confine itself to what those objects touch (and `wakeAtMs` then speaks of those only).
 */
export interface Planner {
  readonly name: string;
  plan(view: View, nowMs: number, dirty?: Dirty): Plan;
}
