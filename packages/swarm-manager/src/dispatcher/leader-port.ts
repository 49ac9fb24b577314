import type { NodeDescription, TaskStatus } from "@waggle/swarm-state";

/** One observed status, with the node whose session it came over. */
export interface ReportedStatus {
  readonly nodeId: string;
  readonly taskId: string;
  readonly status: TaskStatus;
}

/** A session was opened, or its description changed: said again with the same `sessionId`. */
export interface SessionOpened {
  /** The manager that holds the session. */
  readonly managerId: string;
  readonly nodeId: string;
  readonly sessionId: string;
  readonly description: NodeDescription;
  /** Where the node can be reached: `host:port`. */
  readonly address: string;
}

export interface SessionClosed {
  readonly managerId: string;
  readonly nodeId: string;
  readonly sessionId: string;
  /** `bye`: the agent stopped on purpose. `lost`: everything else. */
  readonly reason: "bye" | "lost";
}

/** All sessions that a manager holds; what is not in it is closed. */
export interface SessionsAnnounced {
  readonly managerId: string;
  readonly sessions: readonly { readonly nodeId: string; readonly sessionId: string }[];
}

/**
 * What a dispatcher tells the leader. On the leader it is the leader's desk itself, elsewhere `createRemoteLeader`. All
 * arguments are plain data; every call may be repeated without harm, and calls take effect in the order in which they
 * were made.
 * @throws ControlError `no-leader`, `unavailable`, `unknown-outcome`: said again later. `not-found`: no such node.
 */
export interface LeaderPort {
  /** Resolves when the statuses are in the replicated state. At most `STATUS_BATCH_ITEMS_MAX`. */
  reportStatuses(batch: { readonly statuses: readonly ReportedStatus[] }): Promise<void>;
  /** Resolves when the node is written down as ready. */
  sessionOpened(session: SessionOpened): Promise<void>;
  sessionClosed(session: SessionClosed): Promise<void>;
  announceSessions(announcement: SessionsAnnounced): Promise<void>;
}
