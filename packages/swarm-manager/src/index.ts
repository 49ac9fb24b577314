/**
 * The manager side of a swarm: the control API, the planners that turn desired state into tasks, the sessions with
 * agents, and the decision which nodes are down.
 * @packageDocumentation
 */
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
export type { PlannerLoop, PlannerLoopOptions, PlannerStore } from "./loop/planner-loop.ts";
export type { Clock } from "./clock.ts";
export type { Logger } from "./logger.ts";
export { ControlError, isControlError } from "./control/errors.ts";
export type { ControlErrorCode, ControlErrorData } from "./control/errors.ts";
export type { MembershipPort } from "./control/membership.ts";
export { createControlApi } from "./control/create-control-api.ts";
export type { ControlApiOptions } from "./control/create-control-api.ts";
export { createForwardingControlApi } from "./control/forwarding.ts";
export type { ForwardingOptions } from "./control/forwarding.ts";
export { dispatchControlCall } from "./control/dispatch-call.ts";
export { CONTROL_WRITES } from "./control/control-methods.ts";
export type { ControlWrite } from "./control/control-methods.ts";
export { initialiseCluster } from "./control/initialise-cluster.ts";
export type { InitialiseClusterOptions } from "./control/initialise-cluster.ts";
export { addNode, setManagerMembership, withdrawNode } from "./control/joining.ts";
export { createRoleReconciler } from "./control/role-reconciler.ts";
export type { RoleReconciler, RoleReconcilerOptions } from "./control/role-reconciler.ts";
export { PROCESS_IMAGE } from "./control/image-reference.ts";
export { createDispatcher } from "./dispatcher/dispatcher.ts";
export type { Dispatcher, DispatcherOptions } from "./dispatcher/dispatcher.ts";
export type { SessionChannel } from "./dispatcher/session-channel.ts";
export type {
  LeaderPort,
  ReportedStatus,
  SessionClosed,
  SessionOpened,
  SessionsAnnounced,
} from "./dispatcher/leader-port.ts";
export { createLeaderDesk } from "./dispatcher/leader-desk.ts";
export type { LeaderDeskOptions, SessionObserver } from "./dispatcher/leader-desk.ts";
export { createRemoteLeader, dispatchLeaderCall, LEADER_CALLS } from "./dispatcher/leader-calls.ts";
export type { LeaderCall } from "./dispatcher/leader-calls.ts";
export { decide } from "./liveness/decide.ts";
export type { NodeFacts, Verdict } from "./liveness/decide.ts";
export type { GossipPort, GossipState } from "./liveness/gossip-port.ts";
export { createNodeMonitor } from "./liveness/node-monitor.ts";
export type { NodeMonitor, NodeMonitorOptions } from "./liveness/node-monitor.ts";
export { LIVENESS_DEFAULTS } from "./liveness/options.ts";
export type { LivenessOptions } from "./liveness/options.ts";
