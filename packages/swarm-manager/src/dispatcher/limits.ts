/** Sessions on one manager, those waiting for their hello included. Past it new connections are cut at once. */
export const SESSIONS_MAX = 20_000;

/** How long a connection may take from its start to an accepted session. Then it is cut. */
export const HELLO_TIMEOUT_MS = 10_000;

/** How long one message may wait for a slow agent. Then its session is cut; it comes back and gets everything anew. */
export const SEND_TIMEOUT_MS = 10_000;

/** Least time between two messages with changed assignments on one session; the first after a quiet time goes at once. */
export const ASSIGNMENTS_BATCH_MS = 100;

/** Tasks in one incremental message; the rest follows in the next, so that one message stays far below its limit. */
export const ASSIGNMENTS_PER_MESSAGE_MAX = 200;

/** Tasks in one frame of a complete set; larger sets go in several. An ordinary task has one or two kilobytes. */
export const TASKS_PER_FRAME_MAX = 1_000;

/** How long statuses are gathered over all sessions before they go to the leader. */
export const STATUS_BATCH_DELAY_MS = 20;

/** Statuses in one batch to the leader: a full one goes at once. The leader refuses larger ones. */
export const STATUS_BATCH_ITEMS_MAX = 1_000;

/** Statuses waiting on one manager. Past it, sessions with more are not read until there is room (back-pressure). */
export const STATUS_ITEMS_PENDING_MAX = 20_000;

/** Statuses that the leader writes in one transaction, so that each stays well below the store's limits. */
export const STATUSES_PER_TRANSACTION_MAX = 200;

/** First and longest pause between two attempts to tell the leader something. */
export const REPORT_RETRY_DELAY_MS_MIN = 50;
export const REPORT_RETRY_DELAY_MS_MAX = 1_000;

/** Attempts to tell the leader that a session ended; then an announcement of those that are left does. */
export const CLOSE_REPORT_ATTEMPTS_MAX = 15;

/** Sessions in one announcement to the leader. Larger than {@link SESSIONS_MAX}; more are refused. */
export const ANNOUNCED_SESSIONS_MAX = 50_000;

/** Nodes that the leader marks ready in one transaction after an announcement. */
export const NODES_PER_TRANSACTION_MAX = 500;
