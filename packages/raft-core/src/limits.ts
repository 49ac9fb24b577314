/**
 * The largest term and index that a message may name. Leaves room for 2^52 more before numbers stop being exact, so that
 * one bad message cannot push a group to the end of its numbers. Beyond: the message is refused (`invalid-message`).
 */
export const COUNTER_MAX: number = 2 ** 52;

/**
 * What an entry costs in memory and on the wire besides its data, in bytes; counted so that many empty entries are
 * bounded too.
 */
export const ENTRY_OVERHEAD_BYTES = 24;

/**
 * The largest election priority: what fits a signed 32-bit number, as a settings file would hold it. Beyond: CodecError
 * `out-of-range` on the wire, `invalid-message` in the core.
 */
export const PRIORITY_MAX: number = 2 ** 31 - 1;

/** Linearizable reads that a leader holds. Beyond: `read-limit` for its own, a dropped request for a peer's. */
export const READS_WAITING_MAX = 65_536;

/** Members of one group, learners included: quorums are counted on each acknowledgement. Beyond: `unsupported-change`. */
export const MEMBERS_MAX = 128;

/** Changes in one change of the members. Beyond: `unsupported-change`. */
export const CHANGES_MAX = 256;
