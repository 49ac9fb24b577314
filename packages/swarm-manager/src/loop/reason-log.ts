import type { Reason } from "../planner/planner.ts";
import { EXPLAINED_OBJECTS_MAX, REASONS_PER_OBJECT_MAX } from "./limits.ts";

/** The latest reasons per object, bounded in both directions. */
export interface ReasonLog {
  add(reason: Reason): void;
  /** Newest last. */
  of(objectId: string): readonly Reason[];
  forget(objectId: string): void;
}

export function createReasonLog(): ReasonLog {
  const byObject = new Map<string, readonly Reason[]>();
  return {
    add(reason) {
      const known = byObject.get(reason.objectId) ?? [];
      const last = known.at(-1);
      const repeats = last?.text === reason.text && last.planner === reason.planner;
      const kept = repeats ? known.slice(0, -1) : known.slice(1 - REASONS_PER_OBJECT_MAX);
      byObject.delete(reason.objectId);
      byObject.set(reason.objectId, [...kept, reason]);
      if (byObject.size <= EXPLAINED_OBJECTS_MAX) return;
      for (const oldest of byObject.keys()) {
        byObject.delete(oldest);
        return;
      }
    },
    of: (objectId) => byObject.get(objectId) ?? [],
    forget(objectId) {
      byObject.delete(objectId);
    },
  };
}
