import { CodecError } from "./errors.ts";

/**
 * Entries in one message. An append of 1 MiB holds fewer even when its entries are empty. Beyond: CodecError `limit`; it
 * keeps a small message from becoming a large heap.
 */
export const ENTRIES_PER_MESSAGE_MAX = 262_144;

/** Elements of a list of members or changes. Beyond: CodecError `limit`. */
export const LIST_ELEMENTS_MAX = 4_096;

/** Groups within groups, which only unknown fields can hold. Beyond: CodecError `limit`; it bounds the stack. */
export const GROUP_DEPTH_MAX = 100;

/** Before another element is added. @throws CodecError `limit` when the list is full. */
export function checkRoom(list: readonly unknown[], countMax: number): void {
  if (list.length >= countMax) throw new CodecError("limit", `more than ${countMax} elements`);
}
