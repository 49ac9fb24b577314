/** Most bytes of one proposal, 4 MiB: an entry travels whole in one frame. A larger one is refused (`invalid-argument`). */
export const PROPOSAL_BYTES_MAX = 4_194_304;

/** Default for proposals that wait for their result; above it `propose` is refused with `overloaded`. */
export const PENDING_PROPOSALS_MAX_DEFAULT = 16_384;

/** The same limit in bytes of data, 32 MiB. */
export const PENDING_BYTES_MAX_DEFAULT = 33_554_432;

/** Reads that wait for their barrier; above it `read` is refused with `overloaded`. */
export const PENDING_READS_MAX = 65_536;

/**
 * Default for entries committed and not yet applied, 32 MiB: above it a leader refuses proposals (`overloaded`) and a
 * follower drops appends, which the leader sends again.
 */
export const APPLY_QUEUE_BYTES_MAX_DEFAULT = 33_554_432;

/**
 * Default for bytes received and not yet durable, 32 MiB: above it connections that bring entries are not read, above twice
 * that none is.
 */
export const INBOUND_BYTES_MAX_DEFAULT = 33_554_432;

/** Bytes that wait for one peer in one lane, 32 MiB: above it messages are dropped, which Raft bears. */
export const OUTBOUND_BYTES_MAX = 33_554_432;

/** From how many bytes on a frame takes no further message, 256 KiB. */
export const FRAME_BYTES_TARGET = 262_144;

/** Most bytes of a frame that is decoded, 16 MiB; a larger one closes the connection. */
export const FRAME_BYTES_MAX = 16_777_216;

/** Most messages in one frame; more close the connection. */
export const MESSAGES_PER_FRAME_MAX = 65_536;

/**
 * Most bytes of a snapshot that is taken from a peer, 16 GiB. It goes to the disk as it comes, one at a time, so this is what
 * a peer can fill; a larger one is refused before its first byte, and its sender tries again in vain.
 */
export const SNAPSHOT_BYTES_MAX_DEFAULT = 17_179_869_184;

/** Snapshots sent at the same time; a further peer's is reported as failed and tried again later. */
export const SNAPSHOT_SENDS_MAX = 4;

/** Milliseconds without progress after which a snapshot's stream is given up, on either side. */
export const SNAPSHOT_STALL_MS = 30_000;

/** Fewer bytes than this in that time are no progress, 64 KiB: who sends a byte now and then holds nothing for ever. */
export const SNAPSHOT_PROGRESS_BYTES = 65_536;

/** Milliseconds for which a part of a snapshot waits for its sender to come back, 60 s; then its room is freed. */
export const SNAPSHOT_RESUME_MS = 60_000;

/** Milliseconds between two tries to put a received snapshot in force, or to take one, on a full disk: 5 s. */
export const DISK_FULL_RETRY_MS = 5_000;

/**
 * Bytes of log that stay for a member that lives and is behind, 64 MiB: so that one that takes in a snapshot finds the entries
 * after it. Beyond that the log goes, and the member gets the next snapshot.
 */
export const LOG_HOLD_BYTES_MAX = 67_108_864;

/** Inbound connections; a further one is closed. Each member has two for messages, and now and then one for a snapshot. */
export const INBOUND_CONNECTIONS_MAX = 512;

/** Milliseconds that a dial may take. */
export const DIAL_TIMEOUT_MS = 5_000;

/** Milliseconds between two dials to the same peer: doubled from the first to the second, with jitter. */
export const REDIAL_MS_MIN = 50;
export const REDIAL_MS_MAX = 2_000;

/** Default for how long a read waits for its barrier, in milliseconds. */
export const READ_TIMEOUT_MS_DEFAULT = 5_000;

/** How long a change of the members is tried again while another one is in flight, in milliseconds. */
export const CHANGE_TIMEOUT_MS = 10_000;

/** How long a learner may take nothing before its promotion is given up (`not-caught-up`), in milliseconds. */
export const CATCH_UP_STALL_MS = 30_000;

/** Rounds in which a learner may be slower than an election timeout before its promotion is given up; the thesis has 10. */
export const CATCH_UP_ROUNDS_MAX = 10;

/** How long `stop` waits for another member to take over, in milliseconds. */
export const STOP_TRANSFER_MS = 1_000;

/** How long `stop` waits for the state machine to finish what it is applying, in milliseconds. */
export const STOP_APPLY_MS = 5_000;

/** How long `stop` lets what waits for peers leave, in milliseconds. */
export const STOP_CLOSE_MS = 1_000;

/** Most bytes of the context of a new member, 64 KiB; a larger one is refused (`invalid-argument`). */
export const MEMBER_CONTEXT_BYTES_MAX = 65_536;
