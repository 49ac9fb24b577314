/**
 * Most bytes that one batch may take when encoded, 64 MiB. A batch is one record and is read back into memory whole; a
 * larger one is refused with `too-large`.
 */
export const BATCH_BYTES_MAX = 67_108_864;

/**
 * Most bytes that one group commit takes along, 8 MiB (at least one batch). More would only lengthen the wait of those in
 * front; what is left goes into the next group.
 */
export const GROUP_BYTES_MAX = 8_388_608;

/**
 * Most calls that may wait in the queue, 65 536; above it `append` rejects with `too-large`. A caller that awaits its
 * appends never comes near.
 */
export const QUEUE_LENGTH_MAX = 65_536;

/**
 * Most members in one list of a configuration, 4 096. Far above any sensible group; guards what is read back from a
 * damaged file.
 */
export const MEMBERS_MAX = 4_096;

/** Bytes of one log segment: 16 MiB. Smaller ones free space sooner, larger ones are made less often. */
export const SEGMENT_BYTES_DEFAULT = 16_777_216;

/** The smallest segment: room for its header, its first record and a few entries. */
export const SEGMENT_BYTES_MIN = 4_096;

/** The largest segment: 1 GiB. A segment is read into memory whole at open. */
export const SEGMENT_BYTES_MAX = 1_073_741_824;

/** Most bytes of one chunk of a snapshot that is read back: 256 KiB. */
export const SNAPSHOT_CHUNK_BYTES = 262_144;

/** Most bytes of entries and snapshot together in the memory store: 1 GiB. What goes beyond is refused with `disk-full`. */
export const MEMORY_BYTES_MAX_DEFAULT = 1_073_741_824;

/**
 * Bytes of a snapshot that are written before they are synced, 8 MiB. Syncing by and by keeps the log's own syncs from
 * queueing behind one flush of gigabytes.
 */
export const SNAPSHOT_SYNC_BYTES = 8_388_608;

/** Most characters of a staged snapshot's identity, 256; a longer one is refused with `invalid-argument`. */
export const STAGE_IDENTITY_LENGTH_MAX = 256;

/**
 * Snapshots that are kept, the newest among them: 2. The one before the newest is what an operator compares with, or
 * goes back to, when a state machine turns out to have written nonsense; more would cost the size of the state each.
 */
export const SNAPSHOTS_MAX_DEFAULT = 2;

/** Most snapshots that may be kept, 64; more is refused with `invalid-argument`. */
export const SNAPSHOTS_MAX_LIMIT = 64;

/** Age at which a snapshot goes that is not the newest: 7 days. Older than that nobody goes back to it. */
export const SNAPSHOT_AGE_MS_MAX_DEFAULT = 604_800_000;

/**
 * Calls of the disk that are measured in the thread pool before they may be made on the spot, 16. The fastest of them
 * counts, since the others may have waited for our own event loop.
 */
export const BLOCKING_SAMPLES = 16;

/** A disk that answers within this, 1 ms, is called on the spot: less than a turn of a busy event loop. */
export const BLOCKING_MS_MAX = 1;

/** A call on the spot that takes this long, 8 ms, sends all of its kind to the thread pool for a while. */
export const BLOCKING_STALL_MS = 8;

/** For how long at first, 1 s. Doubled each time it happens again. */
export const BLOCKING_PAUSE_MS = 1_000;

/** And for how long at most, 60 s: so a disk that stalls at times holds the event loop up once a minute. */
export const BLOCKING_PAUSE_MS_MAX = 60_000;

/**
 * Milliseconds without an append after which the log's end is marked as synced, 250. Damage to a record in front of a mark
 * is known for damage; without one the very last record could as well be a torn write.
 */
export const IDLE_MARK_MS_DEFAULT = 250;

/** After the next segment could not be made ahead, it is tried again each time this share of a segment is written: 1/8. */
export const PREPARE_RETRY_SHARE = 8;

/** Bytes of the buffer that records are encoded into, 256 KiB. A larger record gets one of its own. */
export const RECORD_BUFFER_BYTES = 262_144;

/** Most data keys of one store, 1 024; a rotation beyond is refused with `too-large`. Those that no file needs go at open. */
export const KEYS_MAX = 1_024;

/** Most bytes of the id of a key that seals data keys, 256. */
export const KEY_ID_BYTES_MAX = 256;

/** Most bytes of a sealed data key, 4 096: room for what a key service adds. */
export const WRAPPED_KEY_BYTES_MAX = 4_096;

/** Bytes of one sealed piece of a snapshot, 64 KiB: the most that is read before it is known to be genuine. */
export const SNAPSHOT_PIECE_BYTES = 65_536;
