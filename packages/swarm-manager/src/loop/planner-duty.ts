import type { ChangeEvent } from "@waggle/swarm-state";
import type { Dirty, Planner } from "../planner/planner.ts";
import { DIRTY_IDS_MAX, FAILURE_BACKOFF_MS_MAX, FAILURE_BACKOFF_MS_MIN } from "./limits.ts";

/** What one planner still has to look at, and from when on. */
export interface PlannerDuty {
  readonly planner: Planner;
  note(event: ChangeEvent): void;
  /** When the planner has something to do; `undefined` if nothing is foreseen. */
  dueAtMs(): number | undefined;
  /** Hands over what has gathered: `all` for the whole state. */
  take(nowMs: number): Dirty | "all";
  /** The plan asked to be woken; `all` says whether it had looked at everything. */
  planned(plan: { readonly all: boolean; readonly wakeAtMs: number | undefined }): void;
  /** The whole state is to be looked at then, or earlier. */
  lookAgainAt(timeMs: number): void;
  /** The plan could not be made or written: everything is to be looked at anew, after a pause. */
  failed(nowMs: number): void;
  succeeded(): void;
}

/** Duty for one planner; a new one begins with the whole state. */
export function createPlannerDuty(planner: Planner): PlannerDuty {
  let all = true;
  let dirty = emptyDirty();
  let wakeAtMs: number | undefined;
  let backoffMs = 0;
  let restUntilMs = -Infinity;
  return {
    planner,
    note(event) {
      if (event.restored || event.changes.some(({ object }) => object.kind === "cluster"))
        all = true;
      if (all) return;
      for (const { type, object } of event.changes) {
        if (object.kind === "node") dirty.nodes.add(object.id);
        if (object.kind === "service") dirty.services.add(object.id);
        if (object.kind !== "task") continue;
        dirty.tasks.add(object.id);
        if (type === "delete") dirty.services.add(object.serviceId);
      }
      all = sizeOf(dirty) > DIRTY_IDS_MAX;
    },
    dueAtMs() {
      const due = all || sizeOf(dirty) > 0 ? -Infinity : wakeAtMs;
      return due === undefined ? undefined : Math.max(due, restUntilMs);
    },
    take(nowMs) {
      const taken = all || (wakeAtMs !== undefined && wakeAtMs <= nowMs) ? "all" : dirty;
      all = false;
      dirty = emptyDirty();
      return taken;
    },
    planned(plan) {
      // A part of the state says nothing of when the rest wants to be looked at.
      const known = plan.all ? undefined : wakeAtMs;
      wakeAtMs = known === undefined ? plan.wakeAtMs : Math.min(known, plan.wakeAtMs ?? known);
    },
    lookAgainAt(timeMs) {
      wakeAtMs = Math.min(wakeAtMs ?? timeMs, timeMs);
    },
    failed(nowMs) {
      all = true;
      backoffMs = Math.min(FAILURE_BACKOFF_MS_MAX, Math.max(FAILURE_BACKOFF_MS_MIN, 2 * backoffMs));
      restUntilMs = nowMs + backoffMs;
    },
    succeeded() {
      backoffMs = 0;
      restUntilMs = -Infinity;
    },
  };
}

function emptyDirty(): {
  readonly services: Set<string>;
  readonly nodes: Set<string>;
  readonly tasks: Set<string>;
} {
  return { services: new Set(), nodes: new Set(), tasks: new Set() };
}

function sizeOf({ services, nodes, tasks }: Dirty): number {
  return services.size + nodes.size + tasks.size;
}
