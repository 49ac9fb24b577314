/** Longest line of output kept as one; a longer one is split, so that no reader needs more memory than this per line. */
export const LOG_LINE_BYTES_MAX: number = 64 * 1024;

/** Size at which a task's log is rotated. Two files are kept, so a task's log takes twice as much; older lines are gone. */
export const LOG_FILE_BYTES_MAX: number = 10 * 1024 * 1024;

/**
 * Output is read in pieces of this size: larger than a line, so that every piece makes progress, and small, so that a
 * chatty task does not hold up the rest of the node.
 */
export const LOG_CHUNK_BYTES: number = 80 * 1024;

/** Raw output that has been taken into the log is cut off once it has this size. */
export const RAW_TRUNCATE_BYTES: number = 1024 * 1024;

/**
 * Raw output that waits to be taken into the log. Beyond, it is dropped and the log says how much: a task that writes
 * faster than the disk takes it must not fill the disk.
 */
export const RAW_BYTES_MAX: number = 64 * 1024 * 1024;

/**
 * Lines taken in one look; the rest waits for the next. Bounds what a task that writes without pause costs the node to
 * some 200 000 lines a second; beyond, its output piles up and is dropped at `RAW_BYTES_MAX`.
 */
export const LOG_LINES_PER_LOOK_MAX = 10_000;

/** Pause between two looks at a task's output, so that many small writes cost one look. */
export const LOG_COLLECT_INTERVAL_MS = 50;

/** Longest record of the log, as written: a line whose every byte is escaped. A longer one is taken for damaged. */
export const LOG_RECORD_BYTES_MAX: number = 8 * LOG_LINE_BYTES_MAX;

/** A look at the process in case that a notice from the file system was lost. */
export const LIVENESS_POLL_MS = 2_000;

/** The same, while a process that was killed is about to vanish. */
export const KILLED_POLL_MS = 10;

/** A killed process that is still there after this time hangs in the kernel; the step is tried again later. */
export const KILL_TIMEOUT_MS = 10_000;

/** The shell between agent and task needs milliseconds to come up; after this time it never did. */
export const LAUNCH_TIMEOUT_MS = 5_000;

/** Longest small file of a task (`pid`, `exit`, `launch`) that is read back. */
export const SMALL_FILE_BYTES_MAX: number = 64 * 1024;

/** Longest grace period that is honoured; one day. Timers do not reach beyond 24 days. */
export const GRACE_PERIOD_MS_MAX: number = 24 * 60 * 60 * 1000;
