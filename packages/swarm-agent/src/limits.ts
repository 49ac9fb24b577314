/**
 * Tasks that one node holds, those included that have ended and are kept for their history. Each costs a folder, two small
 * files and, while it runs, a watch. Tasks beyond are rejected with an error that names this limit.
 */
export const TASKS_MAX = 10_000;

/**
 * Tasks in one complete set of assignments, whose messages gather in memory. Over the tasks that a node may hold, so that
 * those beyond can still be rejected one by one; a manager that sends more is given up.
 */
export const ASSIGNED_TASKS_MAX = 50_000;

/**
 * Statuses in one report, so that a frame stays well below any transport's limit (a status is below 1 KiB). The rest
 * goes into the next report.
 */
export const STATUSES_PER_REPORT_MAX = 500;

/** Reports sent and not yet acknowledged. Beyond it, newer statuses replace older ones in the queue until one arrives. */
export const REPORTS_IN_FLIGHT_MAX = 4;

/** Statuses gather for so long before they leave as one report: short against a commit, long against a burst. */
export const STATUS_BATCH_DELAY_MS = 50;

/** A manager that does not acknowledge a report for so long is given up: a commit takes milliseconds. */
export const STATUS_ACKNOWLEDGE_TIMEOUT_MS = 30_000;

/** Dialling and the answer to `hello` may take so long each, then the next manager is tried. */
export const SESSION_OPEN_TIMEOUT_MS = 5_000;

/** First pause after the second failure in a row; it doubles with each further one. */
export const SESSION_BACKOFF_MS_MIN = 100;

/** Longest pause between attempts: a swarm whose managers come back is whole again within this time. */
export const SESSION_BACKOFF_MS_MAX = 8_000;

/**
 * A session that ended sooner counts as a failed attempt, so that a manager that accepts and hangs up again does not
 * keep the agent spinning.
 */
export const SESSION_STABLE_MS = 1_000;

/** The node's description is taken again so often, and sent when it changed. */
export const DESCRIPTION_REFRESH_MS = 20_000;

/** Managers remembered; a swarm has a handful. What a list holds beyond is ignored. */
export const MANAGERS_MAX = 64;

/** A step that failed for now is done again after this time; the pause doubles up to the maximum. */
export const STEP_RETRY_MS_MIN = 1_000;
export const STEP_RETRY_MS_MAX = 16_000;

/** Longest error text in a status; longer ones are cut, for they are replicated to every manager. */
export const ERROR_TEXT_CHARS_MAX = 1_024;

/** Largest record of a task that is read back from disk; a longer file is taken for damaged. */
export const TASK_RECORD_BYTES_MAX: number = 4 * 1024 * 1024;

/**
 * Records of tasks that are written at once; the others wait. Thousands of assignments come in one message, and a process
 * may have a thousand files open.
 */
export const RECORDS_AT_ONCE_MAX = 32;
