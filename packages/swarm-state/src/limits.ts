/**
 * Bytes of one encoded transaction. 1.5 MiB: what the log moves in one piece without starving heartbeats behind it.
 * Past it `update` rejects with `too-large` and nothing is proposed.
 */
export const TRANSACTION_BYTES_MAX = 1_572_864;

/**
 * Changed objects in one transaction. Bounds the time for which applying an entry holds the event loop (a few
 * milliseconds). Past it `update` rejects with `too-large`.
 */
export const TRANSACTION_CHANGES_MAX = 4_096;

/** Bytes of one encoded object: 1 MiB, so that any object fits a transaction. Past it `update` rejects with `too-large`. */
export const OBJECT_BYTES_MAX = 1_048_576;

/**
 * Transactions proposed and not yet applied. Ten times what a healthy group has in flight; past it the log has stopped
 * moving, and `update` rejects with `busy` instead of holding ever more state in memory.
 */
export const TRANSACTIONS_IN_FLIGHT_MAX = 10_000;

/** Bytes of encoded transactions proposed and not yet applied: 64 MiB. Past it `update` rejects with `busy`. */
export const IN_FLIGHT_BYTES_MAX = 67_108_864;

/** Events that wait for one reader of `watch()`. Past it the reader finds one `restored` event instead. */
export const WATCH_EVENTS_MAX = 1_024;

/** Bytes of one piece of a snapshot: 64 KiB, small enough to be written and sent between two heartbeats. */
export const SNAPSHOT_CHUNK_BYTES_MAX = 65_536;

/** Objects in a snapshot that is read back. Past it `restore` refuses the snapshot as damaged. */
export const SNAPSHOT_OBJECTS_MAX = 5_000_000;

/** Bytes of one session message: 4 MiB holds the assignments of a node with over a thousand tasks. */
export const SESSION_MESSAGE_BYTES_MAX = 4_194_304;

/** Tasks or statuses in one session message. */
export const SESSION_ITEMS_MAX = 10_000;

/** Records and lists in one session message: well over what ten thousand tasks have. */
export const SESSION_VALUES_MAX = 1_000_000;

/** How deep a stored object may nest. The deepest of ours has six levels; the rest is for later releases. */
export const PLAIN_DEPTH_MAX = 32;

/** Records and lists within one stored object. */
export const PLAIN_VALUES_MAX = 50_000;

/** UTF-16 units of a name, address, path or other short text. */
export const SHORT_TEXT_MAX = 1_024;

/** UTF-16 units of free text: a message, an environment entry, an argument, a label. */
export const LONG_TEXT_MAX = 131_072;

/** Items of a list, or labels, inside one object. */
export const LIST_ITEMS_MAX = 4_096;
