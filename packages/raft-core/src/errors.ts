import type { NodeId } from "./ids.ts";

const RAFT_BRAND = Symbol.for("@waggle/raft-core.RaftError");
const OPTIONS_BRAND = Symbol.for("@waggle/raft-core.RaftOptionsError");

/**
 * Why a call was refused. The state never changed.
 *
 * - `no-leader`: nobody leads, or this node campaigns. Caused by the group; retry later.
 * - `not-leader`: another node leads, and `forwardProposals` is off. Caused by the group; go to the leader.
 * - `transfer-in-progress`: leadership is being handed over. Caused by an earlier call; retry after one election timeout.
 * - `uncommitted-limit`: too many bytes wait for their commit. Caused by load; retry later.
 * - `not-a-member`: this node was removed from the group. Caused by a change of the members; retrying is of no use here.
 * - `change-in-flight`: another change of the members is not yet applied. Retry once it is.
 * - `unsupported-change`: the change cannot be made from the present members, for example one that removes the last
 *   voter. Caused by the caller; retrying the same change is of no use.
 * - `read-limit`: too many linearizable reads wait. Caused by load; retry later.
 * - `invalid-message`: no correct peer sends such a message. Caused by the peer or the wire; drop it.
 * - `invalid-argument`: the caller broke a rule that the method documents. A bug of the caller.
 * - `out-of-turn`: `ready()` before the last one was advanced, or `advance()` without one. A bug of the caller.
 */
export type RaftErrorCode =
  | "no-leader"
  | "not-leader"
  | "transfer-in-progress"
  | "uncommitted-limit"
  | "not-a-member"
  | "change-in-flight"
  | "unsupported-change"
  | "read-limit"
  | "invalid-message"
  | "invalid-argument"
  | "out-of-turn";

/** A call or a message that was refused; {@link RaftErrorCode} says why. The state is unchanged. */
export class RaftError extends Error {
  override readonly name = "RaftError";
  readonly code: RaftErrorCode;
  /** The peer whose message was refused; undefined for calls of the local user. */
  readonly peer: NodeId | undefined;

  constructor(
    code: RaftErrorCode,
    message: string,
    details: { readonly peer?: NodeId; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.peer = details.peer;
    Object.defineProperty(this, RAFT_BRAND, { value: true });
  }
}

/** Says whether `value` is a {@link RaftError}, also one of another copy of this package. */
export function isRaftError(value: unknown): value is RaftError {
  return typeof value === "object" && value !== null && Reflect.get(value, RAFT_BRAND) === true;
}

/**
 * - `invalid-option`: a value is out of its range or does not fit the others. Caused by the caller.
 * - `invalid-initial-state`: what the store gave contradicts itself. Caused by the store: its data are damaged; do not
 *   start the member, remove it from the group and add it anew.
 */
export type RaftOptionsErrorCode = "invalid-option" | "invalid-initial-state";

/** The core was not created. Retrying with the same options is of no use. */
export class RaftOptionsError extends Error {
  override readonly name = "RaftOptionsError";
  readonly code: RaftOptionsErrorCode;
  /** Name of the option at fault. */
  readonly option: string;

  constructor(code: RaftOptionsErrorCode, option: string, message: string) {
    super(`${option}: ${message}`);
    this.code = code;
    this.option = option;
    Object.defineProperty(this, OPTIONS_BRAND, { value: true });
  }
}

/** Says whether `value` is a {@link RaftOptionsError}, also one of another copy of this package. */
export function isRaftOptionsError(value: unknown): value is RaftOptionsError {
  return typeof value === "object" && value !== null && Reflect.get(value, OPTIONS_BRAND) === true;
}
