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
