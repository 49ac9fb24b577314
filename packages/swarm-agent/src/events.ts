import type { ManagerPeer, TaskStatus } from "@waggle/swarm-state";

/** A manager accepted the session. */
export interface SessionOpenedEvent {
  readonly type: "session:opened";
  readonly manager: ManagerPeer;
  readonly sessionId: string;
}

/** An open session ended, or an attempt at one failed. The agent goes on to another manager by itself. */
export interface SessionLostEvent {
  readonly type: "session:lost";
  readonly manager: ManagerPeer;
  /** Whether the session had been accepted before. */
  readonly opened: boolean;
  readonly reason: string;
}

/** A manager refused. `fatal`: the node is unknown or was removed; the agent asks again only at its longest pause. */
export interface SessionRefusedEvent {
  readonly type: "session:refused";
  readonly manager: ManagerPeer;
  readonly fatal: boolean;
  readonly reason: string;
}

/** The managers that the agent may turn to changed. */
export interface ManagersChangedEvent {
  readonly type: "managers:changed";
  readonly managers: readonly ManagerPeer[];
}

/** The observed state of a task changed, or its error text did. */
export interface TaskStatusEvent {
  readonly type: "task:status";
  readonly taskId: string;
  readonly status: TaskStatus;
}

/** The task and all that it left is gone from the node. */
export interface TaskRemovedEvent {
  readonly type: "task:removed";
  readonly taskId: string;
}

export type AgentEvent =
  | SessionOpenedEvent
  | SessionLostEvent
  | SessionRefusedEvent
  | ManagersChangedEvent
  | TaskStatusEvent
  | TaskRemovedEvent;

/** Called in the order of events; it must not block. What it throws is logged and has no other effect. */
export type AgentListener = (event: AgentEvent) => void;

/** Where the agent writes what people may want to read later. */
export interface AgentLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
