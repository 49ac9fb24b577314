/**
 * Entries in one message. An append of 1 MiB holds fewer even when its entries are empty. Beyond: CodecError `limit`; it
 * keeps a small message from becoming a large heap.
 */
export const ENTRIES_PER_MESSAGE_MAX = 262_144;

/** Elements of a list of members or changes. Beyond: CodecError `limit`. */
export const LIST_ELEMENTS_MAX = 4_096;

/**
 * Bytes of a block that a message encoder fills: many small messages, one large append. A message of more than half of it
 * gets a buffer of its own.
 */
export const ENCODER_BLOCK_BYTES = 65_536;

/** Groups within groups, which only unknown fields can hold. Beyond: CodecError `limit`; it bounds the stack. */
export const GROUP_DEPTH_MAX = 100;
