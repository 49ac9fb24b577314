declare const brand: unique symbol;

/** Identity of one Raft member: a positive safe integer, never reused. 0 means "none" ({@link NO_NODE}). */
export type NodeId = number & { readonly [brand]: "NodeId" };
/** An election term: counts up from 0; safe integer. */
export type Term = number & { readonly [brand]: "Term" };
/** A position in the log: the first entry has index 1; 0 lies before the log. Safe integer. */
export type LogIndex = number & { readonly [brand]: "LogIndex" };

/** No node: the value of an unknown leader and of a vote not yet given. */
export const NO_NODE: NodeId = 0 as NodeId;

/** Target of requests to write, with `asyncStorageWrites`. No member has this id. */
export const APPEND_THREAD: NodeId = -1 as NodeId;
/** Target of requests to apply, with `asyncStorageWrites`. No member has this id. */
export const APPLY_THREAD: NodeId = -2 as NodeId;

/** True for what a member may be called. */
export function isMemberId(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

/** Brands a number as a {@link NodeId}. @throws RangeError unless it is a positive safe integer. */
export function nodeId(value: number): NodeId {
  if (!isMemberId(value)) throw new RangeError(`not a node id: ${String(value)}`);
  return value as NodeId;
}

/** Brands a number as a {@link Term}. @throws RangeError unless it is a safe integer of at least 0. */
export function term(value: number): Term {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`not a term: ${String(value)}`);
  return value as Term;
}

/** Brands a number as a {@link LogIndex}. @throws RangeError unless it is a safe integer of at least 0. */
export function logIndex(value: number): LogIndex {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`not a log index: ${String(value)}`);
  }
  return value as LogIndex;
}
