/**
 * Entries in one message. An append of 1 MiB holds fewer even when its entries are empty. Beyond: CodecError `limit`; it
 * keeps a small message from becoming a large heap.
 */
export const ENTRIES_PER_MESSAGE_MAX = 262_144;

/** Elements of a list of members or changes. Beyond: CodecError `limit`. */
export const LIST_ELEMENTS_MAX = 4_096;
