import type { ObjectDraft, SwarmObject, Task } from "@waggle/swarm-state";
import { REASONS_PER_PLAN_MAX } from "./limits.ts";
import type { Plan, PlannedChange, Reason } from "./planner.ts";

/** Gathers one plan. */
export interface PlanBuilder {
  readonly nowMs: number;
  create(group: string, object: ObjectDraft<Task>): void;
  update(group: string, object: SwarmObject): void;
  delete(group: string, object: SwarmObject): void;
  /** The earliest of all calls counts. */
  wakeAt(timeMs: number): void;
  because(objectId: string, text: string): void;
  build(): Plan;
}

/** An empty plan of the named planner. */
export function createPlanBuilder(planner: string, nowMs: number): PlanBuilder {
  const changes: PlannedChange[] = [];
  const reasons: Reason[] = [];
  let wakeAtMs: number | undefined;
  return {
    nowMs,
    create(group, object) {
      changes.push({ type: "create", group, object });
    },
    update(group, object) {
      changes.push({ type: "update", group, object });
    },
    delete(group, object) {
      changes.push({ type: "delete", group, object });
    },
    wakeAt(timeMs) {
      if (wakeAtMs === undefined || timeMs < wakeAtMs) wakeAtMs = timeMs;
    },
    because(objectId, text) {
      if (reasons.length < REASONS_PER_PLAN_MAX)
        reasons.push({ objectId, planner, atMs: nowMs, text });
    },
    build: () => ({ changes, wakeAtMs, reasons }),
  };
}
