export type {
  ControlApi,
  JoinRequest,
  ManagerView,
  NodeView,
  ServiceView,
} from "./control/control-api.ts";
export { createOrchestrator } from "./planner/orchestrator.ts";
export type { OrchestratorOptions } from "./planner/orchestrator.ts";
export { createUpdater } from "./planner/updater.ts";
export type { UpdaterOptions } from "./planner/updater.ts";
export { createScheduler } from "./planner/scheduler.ts";
export { createReaper } from "./planner/reaper.ts";
export { isTaskDirty } from "./planner/task-dirt.ts";
export { parseConstraint } from "./planner/constraints.ts";
export type { Constraint } from "./planner/constraints.ts";
export type { Dirty, Plan, PlannedChange, Planner, Reason } from "./planner/planner.ts";
export { createPlannerLoop } from "./loop/planner-loop.ts";
export type {
  PlannerLoop,
  PlannerLoopLogger,
  PlannerLoopOptions,
  PlannerStore,
} from "./loop/planner-loop.ts";
