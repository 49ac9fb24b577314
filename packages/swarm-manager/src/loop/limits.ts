/** Changes in one transaction; a larger plan is written in several. Bounds one log entry and one turn of the event loop. */
export const CHANGES_PER_TRANSACTION_MAX = 200;

/** Transactions of one plan under way at once; the next waits. Keeps planners from filling the store's queue. */
export const TRANSACTIONS_IN_FLIGHT_MAX = 8;

/** Shortest time between two runs: under load, what happens meanwhile is planned together. */
export const RUN_SPACING_MS = 10;

/** Changed objects remembered by id; beyond that the planner looks at everything instead. */
export const DIRTY_IDS_MAX = 10_000;

/** First wait after a planner failed; it doubles with each failure in a row. */
export const FAILURE_BACKOFF_MS_MIN = 100;

/** Longest wait after failures in a row. */
export const FAILURE_BACKOFF_MS_MAX = 10_000;

/** Longest time that a timer is set for; a later wake is reached in several steps. Timers of hosts end at 2³¹ ms. */
export const TIMER_MS_MAX = 3_600_000;

/** Objects whose reasons are kept; the longest untouched are forgotten first. */
export const EXPLAINED_OBJECTS_MAX = 10_000;

/** Reasons kept per object, the newest. */
export const REASONS_PER_OBJECT_MAX = 8;

/** After so long everything is looked at anew when a change was dropped because its object had changed. */
export const OVERTAKEN_RETRY_MS = 100;
