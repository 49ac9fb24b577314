import type { NodeDescription } from "../objects/node.ts";
import type { Task, TaskStatus } from "../objects/task.ts";

/** First message of a session, agent → manager. */
export interface SessionHello {
  readonly type: "hello";
  readonly nodeId: string;
  readonly description: NodeDescription;
}

/** Observed states of some tasks, agent → manager; repeated until acknowledged. */
export interface StatusReport {
  readonly type: "status";
  /** Grows by one per report in a session. */
  readonly sequence: number;
  readonly statuses: readonly { readonly taskId: string; readonly status: TaskStatus }[];
}

/** The description changed, agent → manager. */
export interface DescriptionReport {
  readonly type: "description";
  readonly description: NodeDescription;
}

/** The agent stops on purpose and its tasks with it; its node is down at once. */
export interface SessionBye {
  readonly type: "bye";
}

export type AgentMessage = SessionHello | StatusReport | DescriptionReport | SessionBye;

/** Answer to `hello`, manager → agent. */
export interface SessionAccepted {
  readonly type: "accepted";
  readonly sessionId: string;
  readonly managers: readonly ManagerPeer[];
}

export interface ManagerPeer {
  readonly nodeId: string;
  /** `host:port` */
  readonly address: string;
}

/** The session cannot be: the node is unknown or removed (`fatal`), or this manager cannot serve now. */
export interface SessionRefused {
  readonly type: "refused";
  readonly fatal: boolean;
  readonly reason: string;
}

/**
 * Everything the node is to know of, at the start of a session: what is not in it is to be stopped and removed. A set
 * that is too large for one message comes in several, one directly after the other; it counts once the last is there.
 */
export interface AssignmentsComplete {
  readonly type: "assignments";
  readonly mode: "complete";
  readonly tasks: readonly Task[];
  /** True on every message of the set but the last: more of it follows. */
  readonly more?: boolean;
}

/** Changes since the last one: tasks to start or whose desired state changed, and tasks to forget. */
export interface AssignmentsIncremental {
  readonly type: "assignments";
  readonly mode: "incremental";
  readonly tasks: readonly Task[];
  readonly removedTaskIds: readonly string[];
}

/** All statuses up to and with `sequence` are in the replicated state. */
export interface StatusAcknowledged {
  readonly type: "status-acknowledged";
  readonly sequence: number;
}

/** The list of managers changed. */
export interface ManagersChanged {
  readonly type: "managers";
  readonly managers: readonly ManagerPeer[];
}

export type DispatcherMessage =
  | SessionAccepted
  | SessionRefused
  | AssignmentsComplete
  | AssignmentsIncremental
  | StatusAcknowledged
  | ManagersChanged;
